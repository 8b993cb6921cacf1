import type { BusCounts } from './bus.ts';

/** {@link BusCounts} as they are kept. */
export type Counting = { -readonly [Name in keyof BusCounts]: number };

/** All zero. */
export function newCounts(): Counting {
  return { requests: 0, retries: 0, failures: 0, handled: 0, faults: 0, unreadable: 0, busy: 0, reconnects: 0 };
}
