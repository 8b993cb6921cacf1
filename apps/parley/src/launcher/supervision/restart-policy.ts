/** How patient a supervisor is; every value in milliseconds. */
export interface RestartPolicy {
  /** Pause before the first restart; doubles with every failure in a row. */
  readonly firstDelay: number;
  /** Longest pause, so that a process is back within ten seconds once its cause is gone. */
  readonly maxDelay: number;
  /** How long a process must run for its earlier failures to be forgotten. */
  readonly stable: number;
  /** How long a process may take to tell that it is ready. */
  readonly startDeadline: number;
  /** How long a process may take to drain before it is killed. */
  readonly drainDeadline: number;
}

const patient = { firstDelay: 200, maxDelay: 5_000, stable: 30_000, startDeadline: 120_000 };

/** A service starts in about a second where it has a core, in half a minute where it gets little of one, and cuts itself off when it has drained for `drain` milliseconds. */
export function servicePolicy(drain: number): RestartPolicy {
  return { ...patient, drainDeadline: drain + 2_000 };
}

/** NATS reads its whole store before it listens, and flushes it before it ends. */
export const natsPolicy: RestartPolicy = { ...patient, drainDeadline: 30_000 };

/** Pause before the next restart after `failures` in a row, in milliseconds. */
export function backoff(failures: number, policy: RestartPolicy): number {
  return Math.min(policy.firstDelay * 2 ** failures, policy.maxDelay);
}
