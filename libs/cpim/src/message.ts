import type { MimeEntity, MimeLimits } from '@parley/mime';
import { defaultMimeLimits, parseEntity, serialiseHead } from '@parley/mime';
import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { concatBytes, err, Fault, ok, parseError, portableCodec } from '@parley/prelude';
import type { CpimHead } from './header.ts';
import type { CpimLimits } from './limits.ts';
import { defaultCpimLimits } from './limits.ts';
import { parseCpimHead } from './parse-head.ts';

/** A Message/CPIM object: the metadata, and the MIME entity that it wraps. */
export interface CpimMessage {
  readonly head: CpimHead;
  /** Its body is a view into the bytes that were parsed. */
  readonly content: MimeEntity;
}

/**
 * Parses a whole message. A wrapped entity without Content-Type is what MIME makes of it: plain text.
 *
 * @spec RFC 3862 §2
 */
export function parseCpim(
  bytes: Uint8Array,
  codec: ByteCodec = portableCodec,
  limits: CpimLimits & Partial<MimeLimits> = defaultCpimLimits,
): Result<CpimMessage, ParseError> {
  const head = parseCpimHead(bytes, codec, limits);
  if (!head.ok) return head;
  if (!head.value.complete) {
    return err(parseError('message-headers', bytes.length, 'RFC 3862 §2', 'expected a blank line after the headers'));
  }
  const { end } = head.value;
  const content = parseEntity(bytes.subarray(end), codec, { ...defaultMimeLimits, ...limits });
  if (!content.ok) return err({ ...content.error, offset: end + content.error.offset });
  return ok({ head: head.value.value, content: content.value });
}

const unsafe = /[\0-\x1f\x7f]/;

/**
 * Octets of the message headers and their blank line, in the order and with the spelling of the head.
 *
 * @throws Fault when a header holds a control character, so is not escaped: our bug, and a way to smuggle headers in
 */
export function serialiseCpimHead(head: CpimHead, codec: ByteCodec = portableCodec): Uint8Array {
  let text = '';
  for (const { name, parameters, value } of head.headers) {
    const line = `${name}:${parameters} ${value}`;
    if (unsafe.test(line)) throw new Fault('a CPIM header that would break its line');
    text += `${line}\r\n`;
  }
  return codec.encodeLatin1(`${text}\r\n`);
}

/** Octets of a whole message; copies the body. @throws Fault as {@link serialiseCpimHead} does */
export function serialiseCpim(message: CpimMessage, codec: ByteCodec = portableCodec): Uint8Array {
  const { head, content } = message;
  return concatBytes([serialiseCpimHead(head, codec), serialiseHead(content, codec), content.body]);
}
