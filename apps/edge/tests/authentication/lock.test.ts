import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterFailure, shutFor } from '../../src/authentication/lock.ts';
import type { Lock, LockRules } from '../../src/authentication/lock.ts';

const rules: LockRules = { tries: 3, first: 1_000, longest: 10_000, memory: 60_000 };

function fail(times: readonly number[], wanted = rules): Lock {
  let lock: Lock | undefined;
  for (const now of times) lock = afterFailure(lock, wanted, now);
  if (lock === undefined) throw new Error('expected a time');
  return lock;
}

describe('A lock', () => {
  it('stays open for a few wrong passwords, then shuts, each time for twice as long', () => {
    const shut = Array.from({ length: 8 }, (_, i) => shutFor(fail(Array<number>(i + 1).fill(0)), 0));
    expect(shut).toEqual([0, 0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('opens when its time is up', () => {
    const lock = fail([0, 0, 0]);
    expect([shutFor(lock, 999), shutFor(lock, 1_000)]).toEqual([1, 0]);
  });

  it('forgets after a while, counted from when it opened', () => {
    expect(fail([0, 0, 60_000]).failures).toBe(1);
    expect(fail([0, 0, 59_999]).failures).toBe(3);
    expect(fail([0, 0, 0, 60_500]).failures).toBe(4);
    expect(fail([0, 0, 0, 61_000]).failures).toBe(1);
  });

  it('of 0 tries never shuts', () => {
    expect(shutFor(fail(Array<number>(100).fill(0), { ...rules, tries: 0 }), 0)).toBe(0);
  });

  it('lets fewer guesses through in an hour than it may, whenever they come', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 2_000 });
    fc.assert(
      fc.property(gaps, (waits) => {
        let lock: Lock | undefined;
        let now = 0;
        let guesses = 0;
        for (const gap of waits) {
          now += gap;
          if (shutFor(lock, now) > 0) continue;
          guesses++;
          lock = afterFailure(lock, rules, now);
        }
        expect(guesses).toBeLessThanOrEqual(rules.tries + 4 + Math.ceil(now / rules.longest));
      }),
      { numRuns: 50 },
    );
  });
});
