import type { Random } from '@parley/prelude';

/** Repeatable octets: the same seed gives the same sequence (mulberry32, the upper octet of each step). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const octet = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 24) & 0xff;
  };
  return { bytes: (length) => Uint8Array.from({ length }, octet) };
}
