import { describe, expect, it } from 'vitest';
import { fuzzSwitch } from '../../bench/fuzz/fuzz-switch.ts';

/* A short piece of the soak, the same each time; `bench/fuzz/fuzz.ts` runs it at any length. */

describe('a switch under broken chunks', () => {
  it(
    'throws nothing, sends nothing broken, keeps nobody who left, and does not grow',
    { timeout: 120_000 },
    async () => {
      const report = await fuzzSwitch(20_000, 4975, () => {});
      expect(report).toMatchObject({ faults: [], stuck: 0 });
      expect(report.heard).toBeGreaterThan(2_000);
      expect(report.grown).toBeLessThan(20e6);
    },
  );
});
