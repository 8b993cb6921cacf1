import type { ByteCodec } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';

const ascii = /^[\0-\x7f]*$/;

/** Reads a value held one character per octet as UTF-8; what is ASCII comes back as it is. @spec RFC 3629 */
export function decodeText(octets: string, codec: ByteCodec = portableCodec): string {
  if (ascii.test(octets)) return octets;
  const bytes = codec.encodeLatin1(octets);
  return codec.decodeUtf8(bytes, 0, bytes.length);
}

/** The inverse of {@link decodeText}: UTF-8, one character per octet. @spec RFC 3629 */
export function encodeText(text: string, codec: ByteCodec = portableCodec): string {
  if (ascii.test(text)) return text;
  const bytes = codec.encodeUtf8(text);
  return codec.decodeLatin1(bytes, 0, bytes.length);
}
