import { inflateSync } from 'node:zlib';
import type { Inflate } from './content.ts';

/**
 * {@link Inflate} by the native library. Several ask for the same body in turn while a message goes by, so that the last is
 * remembered; no more than that, since a few octets may hold very many.
 *
 * @param limit - octets of the result; more is not inflated, so that a small body cannot fill the memory
 */
export function inflateUpTo(limit: number): Inflate {
  let last: Uint8Array | undefined;
  let inflated: Uint8Array | undefined;
  return (bytes) => {
    if (bytes === last) return inflated;
    last = bytes;
    inflated = inflate(bytes, limit);
    return inflated;
  };
}

function inflate(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: limit });
  } catch {
    return undefined;
  }
}
