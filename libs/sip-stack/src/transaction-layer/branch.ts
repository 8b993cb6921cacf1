import { noBytes, randomToken } from '@parley/prelude';
import type { Random } from '@parley/prelude';
import { magicCookie } from './top-via.ts';

/**
 * A branch no one has used or can guess: the magic cookie, what the caller puts behind it, and 80 random bits.
 *
 * @param tag - token characters that tell who made it, e.g. the worker that holds the transaction
 * @spec RFC 3261 §8.1.1.7
 */
export function createBranch(random: Random, tag = ''): string {
  return `${magicCookie}${tag}${randomToken(random, 16)}`;
}

const block = 4096;

/** A source of the same tokens that draws randomness in blocks, since a call for a few octets costs as much as one for many. */
export function createBranchSource(random: Random, tag = ''): () => string {
  let bytes: Uint8Array = noBytes;
  let used = 0;
  const pool: Random = {
    bytes(length) {
      if (used + length > bytes.length) {
        bytes = random.bytes(block);
        used = 0;
      }
      return bytes.subarray(used, (used += length));
    },
  };
  return () => createBranch(pool, tag);
}
