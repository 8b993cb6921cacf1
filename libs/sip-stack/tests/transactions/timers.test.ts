import { describe, expect, it } from 'vitest';
import { defaultTimers, nextInterval, timerDuration, timerTable, timeToT2 } from '../../src/index.ts';
import type { TimerName } from '../../src/index.ts';

/** RFC 3261 Table 4 with the lines of RFC 6026 §8.11: unreliable, reliable, in milliseconds. */
const table: readonly (readonly [TimerName, number, number | undefined])[] = [
  ['A', 500, undefined],
  ['B', 32_000, 32_000],
  ['D', 32_000, 0],
  ['E', 500, undefined],
  ['F', 32_000, 32_000],
  ['G', 500, undefined],
  ['H', 32_000, 32_000],
  ['I', 5000, 0],
  ['J', 32_000, 0],
  ['K', 5000, 0],
  ['L', 32_000, 32_000],
  ['M', 32_000, 32_000],
];

describe('timers', () => {
  it.each(table)(
    'Timer %s lasts %i ms, over reliable transports %s (RFC 3261 Table 4)',
    (name, unreliable, reliable) => {
      expect(timerDuration(name, defaultTimers, false)).toBe(unreliable);
      expect(timerDuration(name, defaultTimers, true)).toBe(reliable);
    },
  );

  it('scale with T1, but Timer D MUST be at least 32 s (RFC 6026 §8.4)', () => {
    const near = { t1: 10, t2: 80, t4: 100 };
    expect(timerDuration('B', near, false)).toBe(640);
    expect(timerDuration('K', near, false)).toBe(100);
    expect(timerDuration('D', near, false)).toBe(32_000);
  });

  it('Timer A doubles without a cap (RFC 3261 §17.1.1.2)', () => {
    expect(nextInterval('A', 8000, defaultTimers)).toBe(16_000);
  });

  it('Timers E and G double up to T2, not T4 (RFC 3261 §17.1.2.2, §17.2.1)', () => {
    expect(nextInterval('E', 500, defaultTimers)).toBe(1000);
    expect(nextInterval('E', 4000, defaultTimers)).toBe(4000);
    expect(nextInterval('G', 2000, defaultTimers)).toBe(4000);
  });

  it('Timer E of the client is reset to T2 after 3.5 s (RFC 4320 §4.1)', () => {
    expect(timeToT2(defaultTimers)).toBe(3500);
  });

  it('every timer of the table says what it is for and where that stands', () => {
    for (const { meaning, section } of Object.values(timerTable)) {
      expect(meaning).not.toBe('');
      expect(section).toMatch(/^RFC \d+ §/);
    }
  });
});
