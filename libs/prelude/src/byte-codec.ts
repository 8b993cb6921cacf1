import { decodeUtf8, encodeUtf8 } from './utf8.ts';

/**
 * The byte operations that runtimes do natively. Pure libraries take one as a parameter and default to
 * {@link portableCodec}; a server passes the native one.
 */
export interface ByteCodec {
  /** One character per octet, U+0000 to U+00FF; the form in which heads of messages are searched and cut. */
  decodeLatin1(bytes: Uint8Array, start: number, end: number): string;
  /** The inverse of {@link decodeLatin1}; characters above U+00FF lose their high bits. */
  encodeLatin1(text: string): Uint8Array;
  /** Writes `text` at `offset`; returns the octets written (`text.length`, which must fit). */
  writeLatin1(text: string, target: Uint8Array, offset: number): number;
  /** RFC 3629; malformed sequences become U+FFFD. */
  decodeUtf8(bytes: Uint8Array, start: number, end: number): string;
  /** RFC 3629; lone surrogates become U+FFFD. */
  encodeUtf8(text: string): Uint8Array;
  /** Offset of the first `needle` at or after `from`, or -1. */
  indexOf(bytes: Uint8Array, needle: Uint8Array, from: number): number;
}

/** {@link ByteCodec} in plain ECMAScript: right everywhere, fast enough off the hot paths. */
export const portableCodec: ByteCodec = {
  decodeLatin1(bytes, start, end) {
    let text = '';
    for (let at = start; at < end; at += 4096) {
      text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + 4096)));
    }
    return text;
  },
  encodeLatin1(text) {
    const bytes = new Uint8Array(text.length);
    portableCodec.writeLatin1(text, bytes, 0);
    return bytes;
  },
  writeLatin1(text, target, offset) {
    for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
    return text.length;
  },
  decodeUtf8,
  encodeUtf8,
  indexOf(bytes, needle, from) {
    const first = needle[0];
    if (first === undefined) return from;
    for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
      let i = 1;
      while (i < needle.length && bytes[at + i] === needle[i]) i++;
      if (i === needle.length) return at;
    }
    return -1;
  },
};
