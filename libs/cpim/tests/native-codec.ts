import { Buffer } from 'node:buffer';
import type { ByteCodec } from '@parley/prelude';

const over = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The codec of the runtime, to show that no result hangs on which one is used. */
export const nativeCodec: ByteCodec = {
  decodeLatin1: (bytes, start, end) => over(bytes).toString('latin1', start, end),
  encodeLatin1: (text) => new Uint8Array(Buffer.from(text, 'latin1')),
  writeLatin1: (text, target, offset) => over(target).write(text, offset, 'latin1'),
  decodeUtf8: (bytes, start, end) => over(bytes).toString('utf8', start, end),
  encodeUtf8: (text) => new Uint8Array(Buffer.from(text, 'utf8')),
  indexOf: (bytes, needle, from) => over(bytes).indexOf(needle, from),
};
