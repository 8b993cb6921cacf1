/**
 * What becomes of an actor that failed.
 * - `resume`: it keeps its state and goes on with the next message.
 * - `restart`: it loads its stored state anew and goes on with the next message.
 * - `stop`: it leaves memory, its mail goes to the dead letters; a later message wakes a new one.
 * - `escalate`: stopped, and the owner of the system is told that the failure is not one actor's alone.
 */
export type Directive = 'resume' | 'restart' | 'stop' | 'escalate';

/** The rules by which a kind's crashes are answered. */
export interface Supervision {
  /** The answer to one failure. */
  readonly decide: (error: unknown) => Directive;
  /** Restarts allowed within `window`; one more is answered by `beyond`. */
  readonly restarts: number;
  /** Milliseconds in which restarts are counted. */
  readonly window: number;
  /** The answer when restarts do not help. */
  readonly beyond: 'stop' | 'escalate';
  /** Milliseconds before the second restart in a window; doubles with each further one. The first waits for nothing. */
  readonly backoff: number;
}

/** Restart from stored state, at most five times a minute, then stop: a poisoned record must not spin. */
export const restartThenStop: Supervision = {
  decide: () => 'restart',
  restarts: 5,
  window: 60_000,
  beyond: 'stop',
  backoff: 100,
};

/** Times (monotonic milliseconds) of an actor's recent restarts, oldest first. */
export type RestartHistory = readonly number[];

/** What to do now, and how long to wait before a restart. */
export interface Verdict {
  readonly directive: Directive;
  /** Milliseconds; 0 but for restarts. */
  readonly delay: number;
}

/** Answers a failure: the rules, the history and the time decide. */
export function supervise(
  rules: Supervision,
  history: RestartHistory,
  error: unknown,
  now: number,
): readonly [RestartHistory, Verdict] {
  const recent = history.filter((at) => now - at < rules.window);
  const directive = rules.decide(error);
  if (directive !== 'restart') return [recent, { directive, delay: 0 }];
  if (recent.length >= rules.restarts) return [recent, { directive: rules.beyond, delay: 0 }];
  const delay = recent.length === 0 ? 0 : rules.backoff * 2 ** (recent.length - 1);
  return [[...recent, now], { directive, delay }];
}
