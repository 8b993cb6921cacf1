import type { ParseError } from '@parley/prelude';
import { parseError } from '@parley/prelude';
import { FieldLine } from './field-line.ts';
import { fieldId, idOfNameAt } from './field-names.ts';
import { octetClass, skipWhile } from './grammar/characters.ts';

/** The lines that are well-formed, and the first fault of those that are not. */
export interface FieldLines {
  readonly lines: readonly FieldLine[];
  readonly failure: ParseError | undefined;
}

/**
 * Finds the header fields of a head that ends in the blank line; no value is looked into. Every search goes on where
 * the one before ended, so the time is linear whatever the octets.
 *
 * @param from - offset behind the start-line
 * @param most - number of fields after which it gives up
 * @spec RFC 3261 §7.3.1
 */
export function parseFieldLines(head: string, from: number, most: number): FieldLines {
  const lines: FieldLine[] = [];
  const blankLine = head.length - 2;
  let failure: ParseError | undefined;
  let colon = -1;
  for (let at = from; at < blankLine;) {
    const end = endOfField(head, at);
    if (colon < at) colon = indexOrEnd(head, ':', at);
    if (lines.length === most) {
      return { lines, failure: failure ?? fieldError(at, `expected at most ${most} header fields`) };
    }
    const line = fieldLine(head, at, colon, end);
    if (line === undefined) failure ??= fieldError(at, 'expected a name, a colon and a value');
    else lines.push(line);
    at = end + 2;
  }
  return { lines, failure };
}

/** First CR or LF that does not belong to a CRLF, or -1: such an octet ends a line for some receivers only. */
export function indexOfBareLineBreak(head: string): number {
  for (let at = 0; ;) {
    const cr = indexOrEnd(head, '\r', at);
    const lf = indexOrEnd(head, '\n', at);
    if (cr === head.length && lf === head.length) return -1;
    if (lf !== cr + 1) return Math.min(cr, lf);
    at = lf + 1;
  }
}

/** Position of the CRLF that no blank follows. */
function endOfField(head: string, from: number): number {
  let end = indexOrEnd(head, '\r\n', from);
  while (isFold(head.charCodeAt(end + 2))) end = indexOrEnd(head, '\r\n', end + 2);
  return end;
}

function isFold(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function fieldLine(head: string, at: number, colon: number, end: number): FieldLine | undefined {
  if (colon >= end) return undefined;
  let nameEnd = colon;
  while (nameEnd > at && isFold(head.charCodeAt(nameEnd - 1))) nameEnd--;
  const id = idOfNameAt(head, at, nameEnd);
  const named = id !== fieldId.unknown || (nameEnd > at && skipWhile(head, at, octetClass.token) === nameEnd);
  return named ? new FieldLine(id, head, at, nameEnd, colon + 1, end) : undefined;
}

function indexOrEnd(text: string, needle: string, from: number): number {
  const at = text.indexOf(needle, from);
  return at === -1 ? text.length : at;
}

function fieldError(at: number, message: string): ParseError {
  return parseError('message-header', at, 'RFC 3261 §7.3', message);
}
