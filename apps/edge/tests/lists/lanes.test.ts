import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { Lanes } from '../../src/actors/lists/lanes.ts';

describe('copies under way', () => {
  it('are few while they are fresh, and slow ones hold nobody up to a limit', async () => {
    const clock = new SimulatedClock();
    const lanes = new Lanes(clock, { fresh: 2, all: 5, patience: 500 });
    let begun = 0;
    const ends: (() => void)[] = [];
    const all = (async () => {
      for (let i = 0; i < 8; i++) {
        await lanes.room();
        begun++;
        lanes.add(new Promise((resolve) => ends.push(resolve)));
      }
    })();
    const settle = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
    };
    await settle();
    expect(begun).toBe(2);
    ends[0]?.();
    await settle();
    expect(begun).toBe(3);
    clock.advance(500);
    await settle();
    expect(begun).toBe(5);
    clock.advance(500);
    await settle();
    expect(begun).toBe(6);
    clock.advance(5_000);
    await settle();
    expect(begun).toBe(6);
    for (let i = 0; i < 8; i++) {
      for (const end of ends) end();
      await settle();
    }
    await all;
    await lanes.idle();
    expect(begun).toBe(8);
  });
});
