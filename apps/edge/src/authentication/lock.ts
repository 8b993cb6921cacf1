/** What wrong passwords lock: an account at one address, an address, or an account. */
export interface Lock {
  /** Wrong passwords in a row, with pauses below {@link LockRules.memory}. */
  readonly failures: number;
  /** Monotonic milliseconds of the last one. */
  readonly last: number;
  /** Monotonic milliseconds up to which it is shut. */
  readonly until: number;
}

/** How a lock behaves. */
export interface LockRules {
  /** Wrong passwords before it shuts; 0, it never does. */
  readonly tries: number;
  /** Milliseconds for which it shuts first; twice as long with each wrong password after that. */
  readonly first: number;
  /** Milliseconds for which it shuts at most. */
  readonly longest: number;
  /** Milliseconds after the last wrong password, or after it opened again, when all is forgotten. */
  readonly memory: number;
}

/** The lock after one more wrong password. */
export function afterFailure(lock: Lock | undefined, { tries, first, longest, memory }: LockRules, now: number): Lock {
  const isFresh = lock === undefined || now - Math.max(lock.last, lock.until) >= memory;
  const failures = isFresh ? 1 : lock.failures + 1;
  const over = tries === 0 ? -1 : failures - tries;
  // Above 2^30 the doubling is past any longest.
  const shut = over < 0 ? 0 : Math.min(longest, first * 2 ** Math.min(over, 30));
  return { failures, last: now, until: now + shut };
}

/** Milliseconds for which a lock stays shut; 0 when it is open. */
export function shutFor(lock: Lock | undefined, now: number): number {
  return lock === undefined ? 0 : Math.max(0, lock.until - now);
}
