import { inflateSync } from 'node:zlib';
import type { Inflate } from './content.ts';

/**
 * {@link Inflate} by the native library.
 *
 * @param limit - octets of the result; more is not inflated, so that a small body cannot fill the memory
 */
export function inflateUpTo(limit: number): Inflate {
  return (bytes) => {
    try {
      return inflateSync(bytes, { maxOutputLength: limit });
    } catch {
      return undefined;
    }
  };
}
