import type { ParseError } from '@parley/prelude';
import { parseError } from '@parley/prelude';
import { FieldLine } from './field-line.ts';
import { idOfNameAt } from './field-names.ts';
import { code, octetClass, skipWhile } from './grammar/characters.ts';

/** The lines that are well-formed, and the first fault of those that are not. */
export interface FieldLines {
  readonly lines: readonly FieldLine[];
  readonly failure: ParseError | undefined;
}

/**
 * Finds the header fields of a head that ends in the blank line; no value is looked into. Every search goes on where
 * the one before ended, so the time is linear whatever the octets. A CR or LF on its own is a fault: it ends a line for
 * some receivers only.
 *
 * @param from - offset behind the start-line
 * @param most - number of fields after which it gives up
 * @spec RFC 3261 §7.3.1
 */
export function parseFieldLines(head: string, from: number, most: number): FieldLines {
  const lines: FieldLine[] = [];
  const blankLine = head.length - 2;
  let failure: ParseError | undefined;
  for (let at = from; at < blankLine;) {
    if (lines.length === most) {
      return { lines, failure: failure ?? fieldError(at, `expected at most ${most} header fields`) };
    }
    const cr = head.indexOf('\r', at);
    const isSimple = head.indexOf('\n', at) === cr + 1 && !isFold(head.charCodeAt(cr + 2));
    const end = isSimple ? cr : endOfField(head, at);
    const line = end < 0 ? undefined : fieldLine(head, at, end, !isSimple);
    if (line === undefined)
      failure ??= fieldError(at, 'expected a name, a colon and a value, CR and LF only as a pair');
    else lines.push(line);
    at = Math.abs(end) + 2;
  }
  return { lines, failure };
}

/** Position of the CRLF that no blank follows; negative when the field holds a CR or LF that is not part of a pair. */
function endOfField(head: string, from: number): number {
  let sound = true;
  for (let at = from; ;) {
    const lf = head.indexOf('\n', at);
    const cr = head.indexOf('\r', at);
    const paired = cr + 1 === lf;
    sound &&= paired;
    const end = paired ? cr : head.indexOf('\r\n', at);
    if (!isFold(head.charCodeAt(end + 2))) return sound ? end : -end;
    at = end + 2;
  }
}

function isFold(octet: number): boolean {
  return octet === 0x20 || octet === 0x09;
}

function fieldLine(head: string, at: number, end: number, folded: boolean): FieldLine | undefined {
  const nameEnd = skipWhile(head, at, octetClass.token);
  const colon = skipWhile(head, nameEnd, octetClass.blank);
  if (nameEnd === at || colon >= end || head.charCodeAt(colon) !== code.colon) return undefined;
  return new FieldLine(idOfNameAt(head, at, nameEnd), head, at, nameEnd, colon + 1, end, folded);
}

function fieldError(at: number, message: string): ParseError {
  return parseError('message-header', at, 'RFC 3261 §7.3', message);
}
