import { randomFillSync } from 'node:crypto';
import type { Clock, Random } from '@parley/prelude';

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  after(delay, task) {
    // Longer delays would overflow to none at all; an hour too early is for the caller to check again.
    const timer = setTimeout(task, Math.min(delay, 2_147_483_647));
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Octets from the operating system's generator. */
export const systemRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};
