import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import type { CpimAddress } from './address.ts';
import { parseCpimAddress } from './address.ts';
import type { DateTime } from './date-time.ts';
import { parseDateTime } from './date-time.ts';
import type { CpimHead } from './header.ts';
import { coreNamespace } from './header.ts';
import { cpimHeaders } from './namespaces.ts';
import type { LocalText } from './parameters.ts';
import { localTextOf } from './parameters.ts';

/**
 * Who sent the message.
 *
 * @returns an error when From is missing, malformed, or there twice, which would let two readers see two senders
 * @spec RFC 3862 §4.1
 */
export function cpimFrom(head: CpimHead, codec: ByteCodec = portableCodec): Result<CpimAddress, ParseError> {
  const [from, second] = cpimHeaders(head, coreNamespace, 'From');
  if (from === undefined || second !== undefined) {
    return err(parseError('From-header', 0, 'RFC 3862 §4.1', 'expected one From header'));
  }
  return parseCpimAddress(from.value, codec);
}

function addresses(head: CpimHead, name: 'To' | 'cc', codec: ByteCodec): Result<readonly CpimAddress[], ParseError> {
  const found: CpimAddress[] = [];
  for (const header of cpimHeaders(head, coreNamespace, name)) {
    const address = parseCpimAddress(header.value, codec);
    if (!address.ok) return address;
    found.push(address.value);
  }
  return ok(found);
}

/** Whom the message is for, in order; none when it has no To. @returns an error when one is malformed @spec RFC 3862 §4.2 */
export function cpimTo(head: CpimHead, codec: ByteCodec = portableCodec): Result<readonly CpimAddress[], ParseError> {
  return addresses(head, 'To', codec);
}

/** Who gets a courtesy copy, in order. @returns an error when one is malformed @spec RFC 3862 §4.3 */
export function cpimCc(head: CpimHead, codec: ByteCodec = portableCodec): Result<readonly CpimAddress[], ParseError> {
  return addresses(head, 'cc', codec);
}

/** When the message was sent. @returns an error when DateTime is missing, malformed or there twice @spec RFC 3862 §4.4 */
export function cpimDateTime(head: CpimHead): Result<DateTime, ParseError> {
  const [dateTime, second] = cpimHeaders(head, coreNamespace, 'DateTime');
  if (dateTime === undefined || second !== undefined) {
    return err(parseError('DateTime-header', 0, 'RFC 3862 §4.4', 'expected one DateTime header'));
  }
  return parseDateTime(dateTime.value);
}

/** The topics of the message, one for each language that it comes in. @spec RFC 3862 §4.5 */
export function cpimSubjects(head: CpimHead, codec: ByteCodec = portableCodec): readonly LocalText[] {
  return cpimHeaders(head, coreNamespace, 'Subject').map((header) => localTextOf(header, codec));
}
