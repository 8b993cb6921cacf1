import type { ByteCodec } from '@parley/prelude';

/** Methods of Buffer that work on any Uint8Array, so that no view has to be made first. */
interface NativeMethods {
  readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string;
  readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string;
  readonly latin1Write: (this: Uint8Array, text: string, offset: number, length: number) => number;
  readonly indexOf: (this: Uint8Array, needle: Uint8Array, from: number) => number;
}

// The first three are public in Node's runtime and absent from its types.
const native = Buffer.prototype as unknown as NativeMethods;

/** {@link ByteCodec} on what Node does natively. */
export const nodeBytes: ByteCodec = {
  decodeLatin1: (bytes, start, end) => native.latin1Slice.call(bytes, start, end),
  encodeLatin1: (text) => Buffer.from(text, 'latin1'),
  writeLatin1: (text, target, offset) => native.latin1Write.call(target, text, offset, text.length),
  decodeUtf8: (bytes, start, end) => native.utf8Slice.call(bytes, start, end),
  encodeUtf8: (text) => Buffer.from(text, 'utf8'),
  indexOf: (bytes, needle, from) => native.indexOf.call(bytes, needle, from),
};
