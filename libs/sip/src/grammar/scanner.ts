import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { code, isIn, octetClass, skipWhile } from './characters.ts';
import { unquote } from './quoted.ts';

const { comma } = code;

/**
 * Walks over the text of one value. A failure sticks: the first one is kept, whatever is asked afterwards gives empty
 * answers, and {@link run} turns it into the result. So a grammar reads top down without a branch per step.
 */
export class Scanner {
  /** The value, or a longer text that holds it. */
  readonly text: string;
  /** Where the value starts and ends in the text. */
  readonly start: number;
  readonly end: number;
  at: number;
  failure: ParseError | undefined = undefined;

  constructor(text: string, start: number, end: number) {
    this.text = text;
    this.start = start;
    this.end = end;
    this.at = start;
  }

  /** Whether nothing is left, or nothing that follows can be trusted. */
  get done(): boolean {
    return this.failure !== undefined || this.at >= this.end;
  }

  /** Keeps the first failure. */
  fail(rule: string, message: string, section = 'RFC 3261 §25.1'): void {
    this.failure ??= parseError(rule, this.at - this.start, section, message);
  }

  /** Code of the next octet, -1 at the end. */
  peek(): number {
    return this.at < this.end ? this.text.charCodeAt(this.at) : -1;
  }

  /** SWS. Folds are gone before a value is scanned, so blanks are all there is. */
  skipBlanks(): void {
    this.at = skipWhile(this.text, this.at, octetClass.blank);
  }

  /** LWS: at least one blank. */
  expectBlanks(rule: string): void {
    const from = this.at;
    this.skipBlanks();
    if (this.at === from) this.fail(rule, 'expected white space');
  }

  /** Takes the separator with the white space that may surround it: SEMI, COMMA, EQUAL, SLASH and their like. */
  separator(code: number): boolean {
    const { text } = this;
    let next = this.at;
    if (text.charCodeAt(next) !== code) {
      next = skipWhile(text, next, octetClass.blank);
      if (text.charCodeAt(next) !== code) return false;
    }
    if (this.failure !== undefined) return false;
    this.at = skipWhile(text, next + 1, octetClass.blank);
    return true;
  }

  /** {@link separator} that must be there. */
  expectSeparator(code: number, rule: string): void {
    if (!this.separator(code)) this.fail(rule, `expected ${String.fromCharCode(code)}`);
  }

  /** One or more octets of the classes. */
  run(mask: number, rule: string): string {
    const from = this.at;
    if (this.failure !== undefined) return '';
    this.at = skipWhile(this.text, from, mask);
    if (this.at === from) this.fail(rule, `expected ${rule}`);
    return this.text.slice(from, this.at);
  }

  /** A token as it is written; most are compared without regard to case. */
  token(rule = 'token'): string {
    return this.run(octetClass.token, rule);
  }

  /** 1*DIGIT; above `most` the answer is `most` when `clamp`, else a failure. */
  number(rule: string, most: number, clamp = false): number {
    const digits = this.run(octetClass.digit, rule);
    const value = Number(digits);
    if (value <= most) return value;
    if (!clamp) this.fail(rule, `expected at most ${most}`);
    return most;
  }

  /** quoted-string with its quotes and escapes, as it is written. */
  quotedString(rule = 'quoted-string'): string {
    const { text } = this;
    if (this.failure !== undefined) return '';
    if (this.peek() !== 0x22) this.fail(rule, 'expected a quotation mark');
    else {
      for (let at = this.at + 1; at < this.end; at++) {
        const code = text.charCodeAt(at);
        if (code === 0x5c) at++;
        else if (code === 0x22) {
          const from = this.at;
          this.at = at + 1;
          return text.slice(from, this.at);
        }
      }
      this.fail(rule, 'expected a closing quotation mark');
    }
    return '';
  }

  /** Unicode of a quoted-string, quotes and escapes taken off. */
  quotedText(rule: string): string {
    const { text, at } = this;
    const close = skipWhile(text, at + 1, octetClass.quoted);
    const isPlain = close < this.end && text.charCodeAt(close) === code.quote && this.peek() === code.quote;
    if (!isPlain || this.failure !== undefined) return unquote(this.quotedString(rule));
    this.at = close + 1;
    return text.slice(at + 1, close);
  }

  /** Everything up to the end or one of the characters. */
  until(characters: string): string {
    const from = this.at;
    while (this.at < this.end && !characters.includes(this.text.charAt(this.at))) this.at++;
    return this.text.slice(from, this.at);
  }

  /** Whether the next octet is in one of the classes. */
  isAt(mask: number): boolean {
    return this.at < this.end && isIn(this.text.charCodeAt(this.at), mask);
  }
}

/** Runs a grammar over the whole of the text; what is left over is a failure too. */
export function scan<T>(text: string, rule: string, grammar: (s: Scanner) => T): Result<T, ParseError> {
  return conclude(new Scanner(text, 0, text.length), rule, grammar, false);
}

/**
 * Runs a grammar where the value stands in a longer text, which saves cutting it out. Of a list it reads the first
 * element: no grammar of an element takes a comma outside of quotes and brackets.
 */
export function scanAt<T>(
  text: string,
  start: number,
  end: number,
  rule: string,
  grammar: (s: Scanner) => T,
  isList: boolean,
): Result<T, ParseError> {
  return conclude(new Scanner(text, start, end), rule, grammar, isList);
}

function conclude<T>(s: Scanner, rule: string, grammar: (s: Scanner) => T, mayGoOn: boolean): Result<T, ParseError> {
  s.skipBlanks();
  const value = grammar(s);
  s.skipBlanks();
  if (s.at < s.end && !(mayGoOn && s.text.charCodeAt(s.at) === comma)) s.fail(rule, `expected the end of ${rule}`);
  return s.failure === undefined ? ok(value) : err(s.failure);
}
