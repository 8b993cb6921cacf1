import { describe, expect, it } from 'vitest';
import type { Minute } from './soak/trend.ts';
import { slopeOf, verdictOn } from './soak/trend.ts';

/** An hour of minutes, of which each holds what `rss` says. */
function hour(rss: (at: number) => number): readonly Minute[] {
  return Array.from({ length: 60 }, (_, i) => ({ at: i + 1, rss: rss(i + 1), heap: 50, transactions: 0, cpu: 1 }));
}

describe('The verdict on a soak', () => {
  it('is flat where memory breathes', () => {
    expect(verdictOn(hour((at) => 200 + (at % 7))).isFlat).toBe(true);
  });

  it('looks at nothing before it has settled', () => {
    expect(verdictOn(hour((at) => Math.min(200, 100 + 10 * at))).isFlat).toBe(true);
  });

  it('sees what grows slowly, and by how much in an hour', () => {
    const { isFlat, rss } = verdictOn(hour((at) => 200 + at / 4 + (at % 3)));
    expect(isFlat).toBe(false);
    expect(rss).toBeCloseTo(15, 0);
  });

  it('is not tilted by one collection that came late', () => {
    expect(
      slopeOf(
        hour((at) => (at === 60 ? 900 : 200)),
        ({ rss }) => rss,
      ),
    ).toBe(0);
  });
});
