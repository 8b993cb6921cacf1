import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';

interface Line {
  readonly type: string;
  readonly value: string;
  readonly offset: number;
}

/** One `type=value`; NUL and CR are in no byte-string. */
const shape = /^[a-z]=[^\0\r]*$/;

function splitLines(text: string, maxLines: number): Result<readonly Line[], ParseError> {
  const lines: Line[] = [];
  for (let at = 0; at < text.length;) {
    const lf = text.indexOf('\n', at);
    const end = lf === -1 ? text.length : lf;
    const line = text.slice(at, text[end - 1] === '\r' && end > at ? end - 1 : end);
    if (line !== '') {
      if (!shape.test(line))
        return err(parseError('session-description', at, 'RFC 8866 §5', 'expected <type>=<value>'));
      if (lines.length === maxLines) return err(parseError('session-description', at, 'RFC 8866 §5', 'too many lines'));
      lines.push({ type: line.charAt(0), value: line.slice(2), offset: at });
    }
    at = end + 1;
  }
  return ok(lines);
}

/** Reads the value of one line; undefined when it is not what the rule says. */
export type ValueReader<T> = (value: string) => T | undefined;

/**
 * Takes lines in the fixed order of SDP. The first thing wrong is kept and nothing is read after it, so that callers
 * look for an error once, at the end.
 */
export class LineReader {
  private readonly lines: readonly Line[];
  private next = 0;
  private failure: ParseError | undefined;

  private constructor(lines: readonly Line[]) {
    this.lines = lines;
  }

  /** Cuts the text at CRLF or LF; empty lines are passed over. @spec RFC 8866 §5 */
  static over(text: string, maxLines: number): Result<LineReader, ParseError> {
    const lines = splitLines(text, maxLines);
    return lines.ok ? ok(new LineReader(lines.value)) : lines;
  }

  /** Why reading stopped: the first failure, or a line that nothing took. */
  get error(): ParseError | undefined {
    if (this.failure !== undefined) return this.failure;
    const line = this.lines[this.next];
    if (line === undefined) return undefined;
    return parseError('session-description', line.offset, 'RFC 8866 §5', `a line of type "${line.type}" out of place`);
  }

  /** Whether the next line is of this type. */
  at(type: string): boolean {
    return this.failure === undefined && this.lines[this.next]?.type === type;
  }

  /** Records what is wrong with the next line, or with the end of the text. */
  fail(rule: string, section: string, message: string): void {
    const end = this.lines.at(-1);
    const offset = (this.lines[this.next] ?? end)?.offset ?? 0;
    this.failure ??= parseError(rule, offset, section, message);
  }

  /** The value of the next line when it is of this type. A value that `read` rejects is a failure. */
  optional<T>(type: string, rule: string, section: string, read: ValueReader<T>): T | undefined {
    const line = this.lines[this.next];
    if (this.failure !== undefined || line?.type !== type) return undefined;
    const value = read(line.value);
    if (value === undefined) this.fail(rule, section, `the value of a "${type}=" line is malformed`);
    else this.next++;
    return value;
  }

  /** As {@link optional}, but the line must be there. */
  required<T>(type: string, rule: string, section: string, read: ValueReader<T>): T | undefined {
    if (!this.at(type)) this.fail(rule, section, `expected a "${type}=" line`);
    return this.optional(type, rule, section, read);
  }

  /** The values of all lines of this type that stand here. */
  many<T>(type: string, rule: string, section: string, read: ValueReader<T>): readonly T[] {
    const values: T[] = [];
    for (let value = this.optional(type, rule, section, read); value !== undefined;) {
      values.push(value);
      value = this.optional(type, rule, section, read);
    }
    return values;
  }
}
