import { describe, expect, it } from 'vitest';
import { SystemRandom } from '../../src/index.ts';

describe('SystemRandom', () => {
  it('hands out as many octets as asked for, and none twice', () => {
    const random = new SystemRandom();
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i++) seen.add(Buffer.from(random.bytes(16)).toString('hex'));
    expect(seen.size).toBe(2000);
    expect([random.bytes(0).length, random.bytes(512).length, random.bytes(100_000).length]).toEqual([0, 512, 100_000]);
  });

  it('lends no view of its pool', () => {
    const random = new SystemRandom();
    expect(random.bytes(16).buffer.byteLength).toBe(16);
  });
});
