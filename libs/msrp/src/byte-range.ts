import { err, ok, parseError } from '@parley/prelude';
import type { ParseError, Result } from '@parley/prelude';

/** Where the octets of a chunk stand in their message; the first octet of a message is number 1. */
export interface ByteRange {
  readonly start: number;
  /** Number of the last octet; `*` when unknown or when the chunk may be interrupted. */
  readonly end: number | '*';
  /** Octets of the whole message; `*` when unknown. */
  readonly total: number | '*';
}

const fail = (offset: number, message: string): Result<never, ParseError> =>
  err(parseError('Byte-Range', offset, 'RFC 4975 §9', message));

/** `1*DIGIT` from `from` to `to`; -1 when it is none or above 2^53 - 1, which no message reaches. */
function numberAt(text: string, from: number, to: number): number {
  if (to <= from || to - from > 16) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : -1;
}

function numberOrStar(text: string, from: number, to: number): number | '*' {
  return to - from === 1 && text.charCodeAt(from) === 0x2a ? '*' : numberAt(text, from, to);
}

/** Reads the value of Byte-Range; whether the numbers make sense is asked by `checkRequest`. @spec RFC 4975 §9 */
export function parseByteRange(text: string): Result<ByteRange, ParseError> {
  const hyphen = text.indexOf('-');
  const slash = text.indexOf('/', hyphen + 1);
  if (hyphen === -1 || slash === -1) return fail(0, 'expected start-end/total');
  const start = numberAt(text, 0, hyphen);
  if (start === -1) return fail(0, 'expected digits as range-start');
  const end = numberOrStar(text, hyphen + 1, slash);
  if (end === -1) return fail(hyphen + 1, 'expected digits or * as range-end');
  const total = numberOrStar(text, slash + 1, text.length);
  if (total === -1) return fail(slash + 1, 'expected digits or * as total');
  return ok({ start, end, total });
}

/** Value of Byte-Range. */
export function serialiseByteRange(range: ByteRange): string {
  return `${range.start}-${range.end}/${range.total}`;
}
