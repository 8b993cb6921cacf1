import type { Verdict } from './verdict.ts';

/** Milliseconds of the allowed rate that may come at once; what is refused may be as much again, then the peer is cut off. */
const burst = 2_000;

/**
 * A leaky bucket in one number: the moment at which everything taken so far would have been sent at the allowed rate.
 * What is refused counts a quarter, so that a peer at up to four times its rate is refused in part and never cut off.
 */
export class RateMeter {
  /** Milliseconds that one unit takes at the allowed rate. */
  readonly #interval: number;
  #due = 0;

  /** @param perSecond - units allowed in a second; 0, any number */
  constructor(perSecond: number) {
    this.#interval = perSecond === 0 ? 0 : 1000 / perSecond;
  }

  /** Takes some units at a moment, in milliseconds that never go back. */
  take(units: number, now: number): Verdict {
    const due = this.#due > now ? this.#due : now;
    const ahead = due - now;
    if (ahead <= burst) {
      this.#due = due + units * this.#interval;
      return 'pass';
    }
    if (ahead > 2 * burst) return 'cut';
    this.#due = due + (units * this.#interval) / 4;
    return 'refuse';
  }
}

/** The harder one of two verdicts. */
export function harder(one: Verdict, other: Verdict): Verdict {
  if (one === 'cut' || other === 'cut') return 'cut';
  return one === 'pass' ? other : one;
}
