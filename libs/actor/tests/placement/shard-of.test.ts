import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shardCount, shardOf } from '../../src/index.ts';
import { fnv1a } from '../../src/placement/shard-of.ts';

describe('shardOf', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('hashes %j as the FNV-1a test vectors have it', (text, hash) => {
    expect(fnv1a(text)).toBe(hash);
  });

  it.each([
    ['', 25],
    ['sip:room@chat.localhost', 8],
    ['sip:alice@localhost', 55],
    ['sip:björn@example.net', 33],
  ])('keeps %j where every version has put it', (identity, shard) => {
    expect(shardOf(identity)).toBe(shard);
  });

  it('hashes the UTF-8 octets of any identity, in whatever part they are not ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let hash = 0x811c9dc5;
        for (const octet of new TextEncoder().encode(text)) hash = Math.imul(hash ^ octet, 0x01000193);
        expect(fnv1a(text)).toBe(hash >>> 0);
      }),
      { numRuns: 50 },
    );
  });

  it('spreads names that differ in a number', () => {
    const counts = new Array<number>(shardCount).fill(0);
    for (let i = 0; i < 6400; i++) counts[shardOf(`sip:room-${i}@chat.localhost`)]!++;
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(200);
  });
});
