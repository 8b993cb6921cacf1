import type { ByteCodec, Result } from '@parley/prelude';
import { err, ok, parseError, portableCodec } from '@parley/prelude';
import { announcedLength } from './content-length.ts';
import type { SipLimits } from './limits.ts';
import { defaultSipLimits } from './limits.ts';
import type { SipMessage } from './message.ts';
import { rebuild } from './message.ts';
import { parseHead } from './parse-head.ts';
import type { SipParseError } from './sip-parse-error.ts';
import { sipParseError } from './sip-parse-error.ts';

/** What parsing takes besides the bytes. */
export interface ParseOptions {
  readonly limits?: SipLimits | undefined;
  readonly codec?: ByteCodec | undefined;
}

/** The blank line and the CRLF before it. */
export const endOfHead: Uint8Array = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a);

/**
 * Reads one datagram or one WebSocket message. The body is a view on `bytes`; octets behind Content-Length are dropped.
 *
 * @spec RFC 3261 §7, §18.3; RFC 7118 §5
 */
export function parseSipMessage(bytes: Uint8Array, options: ParseOptions = {}): Result<SipMessage, SipParseError> {
  const { limits = defaultSipLimits, codec = portableCodec } = options;
  const start = skipLineBreaks(bytes);
  const blankLine = codec.indexOf(bytes, endOfHead, start);
  const bodyStart = blankLine + endOfHead.length;
  if (blankLine === -1 || bodyStart - start > limits.headOctets) {
    return err(brokenHead(bytes, start, limits, codec));
  }
  const head = parseHead(codec.decodeLatin1(bytes, start, bodyStart), limits.fieldCount);
  return head.ok ? withBodyOf(head.value, bytes, bodyStart, limits) : head;
}

/** Offset of the first octet that is not part of a leading CRLF. @spec RFC 3261 §7.5 */
function skipLineBreaks(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === 0x0d && bytes[at + 1] === 0x0a) at += 2;
  return at;
}

function withBodyOf(
  head: SipMessage,
  bytes: Uint8Array,
  bodyStart: number,
  limits: SipLimits,
): Result<SipMessage, SipParseError> {
  const announced = announcedLength(head.fields);
  if (!announced.ok) return err(sipParseError(announced.error, 400, head));
  const length = announced.value ?? bytes.length - bodyStart;
  if (length > limits.bodyOctets) return err(tooLarge(head, limits));
  if (bodyStart + length > bytes.length) {
    const message = 'expected as many octets as Content-Length says';
    return err(sipParseError(parseError('message-body', bodyStart, 'RFC 3261 §18.3', message), 400, head));
  }
  return ok(length === 0 ? head : rebuild(head, head.fields, bytes.subarray(bodyStart, bodyStart + length)));
}

/** The error for a body beyond the limit. */
export function tooLarge(head: SipMessage, limits: SipLimits): SipParseError {
  const message = `expected a body of at most ${limits.bodyOctets} octets`;
  return sipParseError(parseError('message-body', 0, 'RFC 3261 §21.4.11', message), 413, head);
}

/** The error for a head that never ends or ends too late, with what can be read of it. */
export function brokenHead(bytes: Uint8Array, start: number, limits: SipLimits, codec: ByteCodec): SipParseError {
  const room = Math.min(bytes.length, start + limits.headOctets);
  const text = codec.decodeLatin1(bytes, start, room);
  const lastLine = text.lastIndexOf('\r\n');
  const message = `expected a blank line within ${limits.headOctets} octets`;
  const cause = parseError('SIP-message', room - start, 'RFC 3261 §7', message);
  const status = bytes.length - start > limits.headOctets ? 513 : 400;
  if (lastLine === -1) return sipParseError(cause, status, undefined);
  const head = parseHead(`${text.slice(0, lastLine)}\r\n\r\n`, limits.fieldCount);
  return sipParseError(cause, status, head.ok ? head.value : head.error.salvaged);
}
