import type { ByteCodec, ParseError, Result } from '@parley/prelude';
import { err, isUtf8, ok, parseError } from '@parley/prelude';

/** Characters of a document and the encoding that its octets are in. */
export interface DecodedXml {
  readonly text: string;
  readonly encoding: 'UTF-8' | 'UTF-16';
}

function refuse(offset: number, message: string) {
  return err(parseError('document', offset, 'XML 1.0 §4.3.3', message));
}

/** Code units of UTF-16; surrogates are left to the grammar of XML, which knows no lone ones. */
function utf16(bytes: Uint8Array, littleEndian: boolean): Result<DecodedXml, ParseError> {
  if (bytes.length % 2 !== 0) return refuse(bytes.length - 1, 'expected UTF-16, got half a code unit at the end');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units: string[] = [];
  for (let at = 2; at < bytes.length; at += 2) units.push(String.fromCharCode(view.getUint16(at, littleEndian)));
  return ok({ text: units.join(''), encoding: 'UTF-16' });
}

/**
 * Characters of a document: UTF-16 behind its byte order mark, which it must have, else UTF-8 with or without one. No
 * other encoding is read; every processor has these two.
 *
 * @spec XML 1.0 §4.3.3, appendix F.1
 */
export function decodeXml(bytes: Uint8Array, codec: ByteCodec): Result<DecodedXml, ParseError> {
  const [first, second, third] = bytes;
  if (first === 0xfe && second === 0xff) return utf16(bytes, false);
  if (first === 0xff && second === 0xfe) return utf16(bytes, true);
  const start = first === 0xef && second === 0xbb && third === 0xbf ? 3 : 0;
  if (!isUtf8(bytes, start)) return refuse(start, 'expected UTF-8, got octets that are not');
  return ok({ text: codec.decodeUtf8(bytes, start, bytes.length), encoding: 'UTF-8' });
}

/** Whether a document in `encoding` may declare the name: its own, or US-ASCII, of which UTF-8 is a superset. */
export function mayDeclare(encoding: DecodedXml['encoding'], name: string): boolean {
  const declared = name.toUpperCase();
  return declared === encoding || (encoding === 'UTF-8' && declared === 'US-ASCII');
}
