import { describe, expect, it } from 'vitest';
import { fuzzCore } from '../../bench/fuzz/fuzz-core.ts';
import { fuzzSockets } from '../../bench/fuzz/fuzz-sockets.ts';

/* A short piece of the soak, the same each time; `bench/fuzz/fuzz.ts` runs it at any length. */

describe('an edge under broken messages', () => {
  it('throws nothing, leaves no transaction that no timer ends, and does not grow', { timeout: 120_000 }, async () => {
    const report = await fuzzCore(20_000, 4475, () => {});
    expect(report).toMatchObject({ faults: [], stuck: 0 });
    expect(report.messages).toBeGreaterThan(5_000);
    expect(report.sent).toBeGreaterThan(5_000);
    expect(report.grown).toBeLessThan(20e6);
  });

  it('goes on answering at its sockets', { timeout: 120_000 }, async () => {
    expect(await fuzzSockets(2_000, 5118)).toMatchObject({ faults: [], alive: true });
  });
});
