import type { Scan } from '@parley/mime';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import type { CpimHead } from './header.ts';
import type { CpimLimits } from './limits.ts';
import { defaultCpimLimits } from './limits.ts';
import { readHeaders } from './read-headers.ts';

const blankLine = Uint8Array.of(13, 10, 13, 10);

function unfinished(octets: number, limits: CpimLimits): Result<Scan<CpimHead>, ParseError> {
  if (octets < limits.maxHeadOctets) return ok({ complete: false });
  return err(parseError('message-headers', 0, 'RFC 3862 §2', 'no blank line within the length that a head may have'));
}

/**
 * Reads the message headers off the front of a stream, as a switch does with the first chunk of a message.
 *
 * @param bytes - the message so far, from its first octet
 * @returns incomplete until the blank line is there; then the head, and as `end` the offset of the wrapped entity
 * @spec RFC 3862 §2.2
 */
export function parseCpimHead(
  bytes: Uint8Array,
  codec: ByteCodec = portableCodec,
  limits: CpimLimits = defaultCpimLimits,
): Result<Scan<CpimHead>, ParseError> {
  if (bytes[0] === 13 && bytes[1] === 10) return ok({ complete: true, value: { headers: [] }, end: 2 });
  const window = bytes.length > limits.maxHeadOctets ? bytes.subarray(0, limits.maxHeadOctets) : bytes;
  const stop = codec.indexOf(window, blankLine, 0);
  if (stop === -1) return unfinished(window.length, limits);
  const headers = readHeaders(codec.decodeLatin1(window, 0, stop), 0, limits.maxHeaders);
  return headers.ok ? ok({ complete: true, value: { headers: headers.value }, end: stop + 4 }) : headers;
}
