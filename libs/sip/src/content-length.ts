import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import type { FieldLine } from './field-line.ts';
import { valueOf } from './field-line.ts';
import { fieldId } from './field-names.ts';
import { consistsOf, octetClass } from './grammar/characters.ts';
import type { HeaderFields } from './header-fields.ts';

/** Digits of the largest length that a number holds exactly. */
const mostDigits = 15;

/**
 * Octets that Content-Length announces; undefined when there is none. Two lines that disagree are refused, for the
 * receivers behind us may each believe another one.
 *
 * @spec RFC 3261 §20.14
 */
export function announcedLength(fields: HeaderFields): Result<number | undefined, ParseError> {
  let length: number | undefined;
  for (const line of fields.lines) {
    if (line.id !== fieldId.contentLength) continue;
    const value = lengthIn(line);
    if (value === undefined) return failure(line.start, 'expected digits, at most 15');
    if (length !== undefined) return failure(line.start, 'expected Content-Length once');
    length = value;
  }
  return ok(length);
}

/** Octets that one line announces; undefined when it is malformed. */
export function lengthIn(line: FieldLine): number | undefined {
  const value = valueOf(line);
  return consistsOf(value, octetClass.digit) && value.length <= mostDigits ? Number(value) : undefined;
}

function failure(offset: number, message: string): Result<never, ParseError> {
  return err(parseError('Content-Length', offset, 'RFC 3261 §20.14', message));
}
