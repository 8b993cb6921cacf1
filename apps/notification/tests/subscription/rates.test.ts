import { field } from '@parley/sip';
import { unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rates } from '../../src/subscription/rates.ts';
import {
  longestPause,
  noRates,
  rateParameters,
  readRates,
  shortestPause,
  steadyHistory,
  withSent,
} from '../../src/subscription/rates.ts';

const asked = (parameters: string, secondsLeft = 600): Rates =>
  readRates(unwrap(field.event.parse(`conference${parameters}`)).parameters, secondsLeft);

describe('rates of notifications (RFC 6446)', () => {
  it('are parameters of Event, and reflected by Subscription-State (§9.2)', () => {
    const rates = asked(';max-rate=0.5;adaptive-min-rate=0.2;min-rate=0.01');
    expect(rates).toEqual({ max: 0.5, adaptive: 0.2, min: 0.01 });
    expect([...rateParameters(rates)]).toEqual([
      ['max-rate', '0.5'],
      ['min-rate', '0.01'],
      ['adaptive-min-rate', '0.2'],
    ]);
    expect([...rateParameters(noRates)]).toEqual([]);
  });

  it('that are none count as absent', () => {
    for (const bad of ['', ';max-rate', ';max-rate=x', ';max-rate=100', ';max-rate=1e9', ';max-rate=-1']) {
      expect(asked(bad), bad).toEqual(noRates);
    }
  });

  it('MUST be increased so that one NOTIFY comes before the subscription ends (§5.3)', () => {
    expect(asked(';max-rate=0.0001', 500).max).toBe(1 / 500);
    expect(asked(';max-rate=0', 500).max).toBe(1 / 500);
  });

  it('MUST be adjusted to the maximum, and a min-rate not below the adaptive one not considered (§8)', () => {
    expect(asked(';max-rate=0.1;min-rate=0.5')).toMatchObject({ max: 0.1, min: 0.1 });
    expect(asked(';adaptive-min-rate=0.1;min-rate=0.5')).toMatchObject({ adaptive: 0.1, min: 0 });
    expect(asked(';min-rate=99')).toMatchObject({ min: 1 });
  });

  it('say how long to wait, and how long at the most (§5.2, §6.2)', () => {
    expect(shortestPause({ ...noRates, max: 0.5 })).toBe(2000);
    expect(shortestPause(noRates)).toBe(0);
    expect(longestPause({ ...noRates, min: 0.25 }, [], 0)).toBe(4000);
    expect(longestPause(noRates, [], 0)).toBeUndefined();
  });

  it('the adaptive minimum is met over the period, with or without news (§7.4, property)', () => {
    const rates = { ...noRates, adaptive: 0.5 };
    const news = fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(news, (pauses) => {
        let now = 1_000_000;
        const start = now;
        let history = steadyHistory(rates, now);
        let sent = 0;
        for (const pause of [...pauses, ...Array.from({ length: 40 }, () => Infinity)]) {
          const longest = longestPause(rates, history, now) ?? Infinity;
          expect(longest).toBeGreaterThan(0);
          now += Math.min(pause, longest);
          history = withSent(history, rates, now);
          sent++;
        }
        expect(sent / ((now - start) / 1000)).toBeGreaterThan(0.45);
      }),
    );
  });
});
