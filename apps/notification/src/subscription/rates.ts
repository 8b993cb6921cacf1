import type { Parameters } from '@parley/sip';

/** NOTIFYs a second that were agreed on with a subscriber; 0: nothing is. @spec RFC 6446 §5–7 */
export interface Rates {
  readonly max: number;
  readonly min: number;
  readonly adaptive: number;
}

/** No agreement. */
export const noRates: Rates = { max: 0, min: 0, adaptive: 0 };

/** What a subscriber may ask for at the least: one NOTIFY a second, whether there is news or not. */
const mostByDefault = 1;
/** Periods of the average: so many times the pause that an adaptive rate asks for. @spec RFC 6446 §7.4 */
const averaged = 5;

/**
 * Reads the rates that a subscriber wishes, and adjusts them: the maximum to one NOTIFY at least before the subscription
 * ends, the others to the maximum.
 *
 * @param parameters - of an Event header field; what is no rate counts as absent
 * @param secondsLeft - of the subscription
 * @spec RFC 6446 §5.3, §8, §9.2
 */
export function readRates(parameters: Parameters, secondsLeft: number): Rates {
  const asked = rateOf(parameters, 'max-rate');
  const max = asked === undefined ? 0 : Math.max(asked, 1 / Math.max(1, secondsLeft));
  const most = max === 0 ? mostByDefault : Math.min(max, mostByDefault);
  const adaptive = Math.min(rateOf(parameters, 'adaptive-min-rate') ?? 0, most);
  const min = Math.min(rateOf(parameters, 'min-rate') ?? 0, most);
  return { max, adaptive, min: adaptive > 0 && min >= adaptive ? 0 : min };
}

function rateOf(parameters: Parameters, name: string): number | undefined {
  const text = parameters.get(name) ?? '';
  return /^\d{1,2}(?:\.\d{1,10})?$/.test(text) ? Number(text) : undefined;
}

/** The rates as parameters of Subscription-State, as far as they were agreed on. @spec RFC 6446 §9.2 */
export function rateParameters({ max, min, adaptive }: Rates): Parameters {
  const all = [
    ['max-rate', max],
    ['min-rate', min],
    ['adaptive-min-rate', adaptive],
  ] as const;
  return new Map(all.filter(([, rate]) => rate > 0).map(([name, rate]) => [name, textOf(rate)]));
}

function textOf(rate: number): string {
  return rate.toFixed(10).replace(/\.?0+$/, '');
}

/** Milliseconds that have to pass between two NOTIFYs. @spec RFC 6446 §5.2 */
export function shortestPause({ max }: Rates): number {
  return max === 0 ? 0 : 1000 / max;
}

/**
 * Milliseconds after which a NOTIFY is due though there is no news.
 *
 * @param sentAt - when NOTIFYs were sent, milliseconds on any clock, the last one now
 * @returns undefined where no rate asks for one
 * @spec RFC 6446 §6.2, §7.4 (equation 2)
 */
export function longestPause(rates: Rates, sentAt: readonly number[], now: number): number | undefined {
  const { min, adaptive } = rates;
  if (adaptive === 0) return min === 0 ? undefined : 1000 / min;
  const period = averaged / adaptive;
  const count = sentAt.filter((at) => at > now - period * 1000).length;
  const timeout = Math.max(shortestPause(rates), (count / (adaptive * adaptive * period)) * 1000);
  return min === 0 ? timeout : Math.min(timeout, 1000 / min);
}

/** A history as if the adaptive rate had been kept until now. @spec RFC 6446 §7.2 (step 1) */
export function steadyHistory({ adaptive }: Rates, now: number): readonly number[] {
  if (adaptive === 0) return [];
  return Array.from({ length: averaged }, (_, i) => now - ((averaged - i) * 1000) / adaptive + 1);
}

/** The history with one more; what no average needs any more is forgotten. */
export function withSent(sentAt: readonly number[], { adaptive }: Rates, now: number): readonly number[] {
  if (adaptive === 0) return [now];
  return [...sentAt.filter((at) => at > now - (averaged * 1000) / adaptive), now];
}
