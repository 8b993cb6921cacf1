import type { ParseError, Result } from '@parley/prelude';
import { err, ok, parseError } from '@parley/prelude';
import { valueOf } from './field-line.ts';
import { fieldId } from './field-names.ts';
import type { HeaderFields } from './header-fields.ts';

const digits = /^[0-9]{1,15}$/;

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
    const value = valueOf(line);
    if (!digits.test(value)) return failure(line.start, 'expected digits, at most 15');
    if (length !== undefined) return failure(line.start, 'expected Content-Length once');
    length = Number(value);
  }
  return ok(length);
}

function failure(offset: number, message: string): Result<never, ParseError> {
  return err(parseError('Content-Length', offset, 'RFC 3261 §20.14', message));
}
