import type { ByteCodec } from '@parley/prelude';

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The byte operations of the runtime, several times as fast as the portable ones on heads of messages. */
export const nativeCodec: ByteCodec = {
  decodeLatin1: (bytes, start, end) => asBuffer(bytes).toString('latin1', start, end),
  encodeLatin1: (text) => Buffer.from(text, 'latin1'),
  writeLatin1: (text, target, offset) => asBuffer(target).write(text, offset, 'latin1'),
  decodeUtf8: (bytes, start, end) => asBuffer(bytes).toString('utf8', start, end),
  encodeUtf8: (text) => Buffer.from(text, 'utf8'),
  indexOf: (bytes, needle, from) => asBuffer(bytes).indexOf(needle, from),
};
