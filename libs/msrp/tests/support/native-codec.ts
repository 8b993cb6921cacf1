import type { ByteCodec } from '@parley/prelude';

const view = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** What a server passes in: the operations of Node's Buffer. */
export const nativeCodec: ByteCodec = {
  decodeLatin1: (bytes, start, end) => view(bytes).toString('latin1', start, end),
  encodeLatin1: (text) => Buffer.from(text, 'latin1'),
  writeLatin1: (text, target, offset) => view(target).write(text, offset, 'latin1'),
  decodeUtf8: (bytes, start, end) => view(bytes).toString('utf8', start, end),
  encodeUtf8: (text) => Buffer.from(text, 'utf8'),
  indexOf: (bytes, needle, from) => view(bytes).indexOf(needle, from),
};
