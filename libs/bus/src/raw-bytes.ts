import type { Codec } from '@parley/contracts';
import { ok } from '@parley/prelude';

/** Octets as they are: for messages that are encoded once and sent to many, or read elsewhere. */
export const rawBytes: Codec<Uint8Array> = {
  name: 'bytes',
  encode: (message) => message,
  decode: (bytes) => ok(bytes),
};
