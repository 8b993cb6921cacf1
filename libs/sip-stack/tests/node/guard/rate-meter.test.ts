import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harder, RateMeter } from '../../../src/node/guard/rate-meter.ts';
import type { Verdict } from '../../../src/node/guard/verdict.ts';

/** Sends at an even rate and counts the verdicts. */
function drive(meter: RateMeter, perSecond: number, seconds: number): Record<Verdict, number> {
  const counts = { pass: 0, refuse: 0, cut: 0 };
  for (let i = 0; i < perSecond * seconds; i++) counts[meter.take(1, (i * 1000) / perSecond)]++;
  return counts;
}

describe('A rate', () => {
  it('is never in the way of who keeps to it, in bursts of two seconds or evenly', () => {
    expect(drive(new RateMeter(100), 100, 60)).toEqual({ pass: 6000, refuse: 0, cut: 0 });
    const meter = new RateMeter(100);
    for (let second = 0; second < 60; second += 2) {
      for (let i = 0; i < 200; i++) expect(meter.take(1, second * 1000)).toBe('pass');
    }
  });

  it('refuses in part who sends up to four times as fast, and does not cut him off', () => {
    const { pass, refuse, cut } = drive(new RateMeter(100), 300, 60);
    expect(cut).toBe(0);
    expect(refuse).toBeGreaterThan(0);
    expect(pass).toBeGreaterThan(1000);
  });

  it('cuts off a flood within seconds', () => {
    expect(drive(new RateMeter(100), 1000, 3).cut).toBeGreaterThan(0);
  });

  it('forgets within four seconds of silence', () => {
    const meter = new RateMeter(100);
    drive(meter, 10_000, 1);
    expect(meter.take(1, 900)).not.toBe('pass');
    expect(meter.take(1, 5_000)).toBe('pass');
  });

  it('of 0 is none', () => {
    expect(drive(new RateMeter(0), 100_000, 1)).toEqual({ pass: 100_000, refuse: 0, cut: 0 });
  });

  it('lets no more pass than its burst and its rate, whatever comes when', () => {
    const gaps = fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 50 })), { maxLength: 300 });
    fc.assert(
      fc.property(gaps, (arrivals) => {
        const meter = new RateMeter(100);
        let now = 0;
        let passed = 0;
        for (const [gap, count] of arrivals) {
          now += gap;
          for (let i = 0; i < count; i++) if (meter.take(1, now) === 'pass') passed++;
        }
        expect(passed).toBeLessThanOrEqual(200 + 1 + (now * 100) / 1000 + 1);
      }),
    );
  });
});

describe('The harder of two verdicts', () => {
  it.each([
    ['pass', 'pass', 'pass'],
    ['pass', 'refuse', 'refuse'],
    ['refuse', 'cut', 'cut'],
    ['cut', 'pass', 'cut'],
  ] as const)('of %s and %s is %s', (one, other, expected) => {
    expect(harder(one, other)).toBe(expected);
    expect(harder(other, one)).toBe(expected);
  });
});
