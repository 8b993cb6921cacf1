import { noBytes } from '@parley/prelude';
import type { Random } from '@parley/prelude';
import { magicCookie } from './top-via.ts';

const alphabet = '0123456789abcdefghijklmnopqrstuv';
const symbols = Uint8Array.from(alphabet, (symbol) => symbol.charCodeAt(0));
const length = 16;

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * The branch after `prefix`. Made in one call from its octets: a string that was put together from pieces stays a tree
 * of pieces, and a `Map` finds that five times more slowly.
 */
function branchAfter(prefix: readonly number[], bytes: Uint8Array): string {
  const codes = prefix.slice();
  for (let i = 0; i < length; i++) codes.push(symbols[(bytes[i] ?? 0) & 31] ?? 0);
  return String.fromCharCode.apply(undefined, codes);
}

const block = 4096;

/**
 * A source of branches no one has used or can guess: the magic cookie, what the caller puts behind it, and 80 random bits.
 * Draws randomness in blocks, since a call for a few octets costs as much as one for many.
 *
 * @param tag - token characters that tell who made it, e.g. the worker that holds the transaction
 * @spec RFC 3261 §8.1.1.7
 */
export function createBranchSource(random: Random, tag = ''): () => string {
  const prefix = codesOf(magicCookie + tag);
  let bytes: Uint8Array = noBytes;
  let used = 0;
  return () => {
    if (used + length > bytes.length) {
      bytes = random.bytes(block);
      used = 0;
    }
    return branchAfter(prefix, bytes.subarray(used, (used += length)));
  };
}
