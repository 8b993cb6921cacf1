import { noBytes } from '@parley/prelude';
import type { Random } from '@parley/prelude';
import { magicCookie } from './top-via.ts';

const alphabet = '0123456789abcdefghijklmnopqrstuv';
const symbols = Uint8Array.from(alphabet, (symbol) => symbol.charCodeAt(0));
const length = 16;

const block = 4096;

/**
 * A source of branches no one has used or can guess: what they begin with, and 80 random bits. Draws randomness in blocks,
 * since a call for a few octets costs as much as one for many.
 *
 * @param tag - token characters that tell who made it, e.g. the worker that holds the transaction
 * @returns makes one; it begins with the magic cookie and the tag, or with what is given, cookie included
 * @spec RFC 3261 §8.1.1.7
 */
export function createBranchSource(random: Random, tag = ''): (beginning?: string) => string {
  const usual = magicCookie + tag;
  let bytes: Uint8Array = noBytes;
  let used = 0;
  return (beginning = usual) => {
    if (used + length > bytes.length) {
      bytes = random.bytes(block);
      used = 0;
    }
    used += length;
    return branchOf(beginning, bytes, used - length);
  };
}

/**
 * Made in one call from its octets: a string that was put together from pieces stays a tree of pieces, which costs more to
 * look up and to write.
 */
function branchOf(beginning: string, bytes: Uint8Array, from: number): string {
  const codes: number[] = [];
  for (let i = 0; i < beginning.length; i++) codes.push(beginning.charCodeAt(i));
  for (let i = from; i < from + length; i++) codes.push(symbols[(bytes[i] ?? 0) & 31] ?? 0);
  return String.fromCharCode.apply(undefined, codes);
}
