import type { Clock } from '@parley/prelude';
import { systemClock } from '@parley/service';

/** A clock on which time passes ten times as fast, for services whose patience a test would have to wait out. */
export const quickClock: Clock = {
  now: () => systemClock.now() * 10,
  wallTime: () => Date.UTC(2026, 0, 1) + systemClock.now() * 10,
  after: (delay, task) => systemClock.after(delay / 10, task),
};
