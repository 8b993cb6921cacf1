/** What the answer of a device means for its copy of a message. */
export type Fate =
  /** It has it. */
  | 'taken'
  /** It will never take it: dropped for this device. */
  | 'refused'
  /** It was not reached: kept, or stored if it is not yet. */
  | 'unreached'
  /** It was reached and may take it another time. */
  | 'later';

/** Answers that mean: the device was not reached. @spec RFC 3261 §21.4.9, RFC 5626 §11.5 */
const unreached: ReadonlySet<number> = new Set([408, 430, 480]);
/** Answers below 500 that say nothing lasting about the message. */
const passing: ReadonlySet<number> = new Set([401, 407, 486, 491]);

/** What becomes of a copy that a device answered so. */
export function fateOf(status: number): Fate {
  if (status < 300) return 'taken';
  if (unreached.has(status)) return 'unreached';
  if (status >= 600) return 'refused';
  return status < 400 || status >= 500 || passing.has(status) ? 'later' : 'refused';
}

/** Milliseconds before the second attempt, and the most between two. */
const pauses = { first: 1_000, longest: 300_000 };

/** Milliseconds to wait after so many failed attempts, 1 or more. */
export function pauseAfter(attempts: number): number {
  return Math.min(pauses.first * 2 ** Math.min(attempts - 1, 16), pauses.longest);
}
