import { encodeUtf8 } from '@parley/prelude';

/** Shards of each service. Part of the contract between instances: changing it moves every actor. */
export const shardCount = 64;

const prime = 0x01000193;
const offsetBasis = 0x811c9dc5;

/**
 * The shard, 0 to 63, of an identity: 32-bit FNV-1a over its UTF-8 octets, upper half folded into the lower (exclusive or),
 * modulo 64. Every instance of every version computes the same; test vectors are in the tests.
 */
export function shardOf(identity: string): number {
  const hash = fnv1a(identity);
  return (hash ^ (hash >>> 16)) & (shardCount - 1);
}

/** 32-bit FNV-1a over UTF-8 octets, as a non-negative integer. */
export function fnv1a(text: string): number {
  let hash = offsetBasis;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return continueInUtf8(hash, text.slice(i));
    hash = Math.imul(hash ^ code, prime);
  }
  return hash >>> 0;
}

function continueInUtf8(hash: number, rest: string): number {
  for (const octet of encodeUtf8(rest)) hash = Math.imul(hash ^ octet, prime);
  return hash >>> 0;
}
