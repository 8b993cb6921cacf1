/** The three estimates that every timer is made of, in milliseconds. @spec RFC 3261 §17.1.1.1, §17.1.2.2 */
export interface TimerSettings {
  /** Round-trip time. */
  readonly t1: number;
  /** Longest pause between retransmissions of a non-INVITE request and of an INVITE response. */
  readonly t2: number;
  /** Longest time that a message stays in the network. */
  readonly t4: number;
}

/** The values of the RFC; others only where all hops are known to be near. @spec RFC 3261 §17, Table 4 */
export const defaultTimers: TimerSettings = { t1: 500, t2: 4000, t4: 5000 };

/** Timers that a transaction sets. Letters are the RFC's; the words are clauses that give a time without a letter. */
export type TimerName =
  | 'A'
  | 'B'
  | 'D'
  | 'E'
  | 'F'
  | 'G'
  | 'H'
  | 'I'
  | 'J'
  | 'K'
  | 'L'
  | 'M'
  | 'Cancelled'
  | 'Provisional'
  | 'Trying'
  | 'Abandon';

/** What a timer is for, which decides what a reliable transport makes of it. */
export type TimerKind =
  /** Retransmits; a reliable transport never starts it. */
  | 'repeat'
  /** Waits for stragglers; zero over a reliable transport. */
  | 'wait'
  /** Bounds a state; the same over every transport. */
  | 'limit';

/** One line of the table of timers. */
export interface TimerDefinition {
  readonly kind: TimerKind;
  /** Milliseconds over an unreliable transport, at its first start. */
  readonly initial: (timers: TimerSettings) => number;
  readonly meaning: string;
  readonly section: string;
}

/**
 * Age at which Timer E of the client is reset to T2, in milliseconds: 3500 with the RFC's values.
 *
 * @spec RFC 4320 §4.1
 */
export function timeToT2(timers: TimerSettings): number {
  let elapsed = 0;
  for (let interval = timers.t1; ; interval *= 2) {
    elapsed += interval;
    if (interval * 2 >= timers.t2) return elapsed;
  }
}

const t1Times64 = (timers: TimerSettings): number => 64 * timers.t1;

/** The timers of RFC 3261 Table 4 as RFC 6026 and RFC 4320 left them; Timer C is the proxy's, see {@link timerC}. */
export const timerTable: Readonly<Record<TimerName, TimerDefinition>> = {
  A: {
    kind: 'repeat',
    initial: (timers) => timers.t1,
    meaning: 'INVITE request retransmission; doubles without a cap',
    section: 'RFC 3261 §17.1.1.2',
  },
  B: { kind: 'limit', initial: t1Times64, meaning: 'INVITE request timeout', section: 'RFC 3261 §17.1.1.2' },
  D: {
    kind: 'wait',
    initial: () => 32_000,
    meaning: 'wait for retransmitted final responses to INVITE; not a multiple of T1, since the peer has its own',
    section: 'RFC 3261 §17.1.1.2',
  },
  E: {
    kind: 'repeat',
    initial: (timers) => timers.t1,
    meaning: 'non-INVITE request retransmission; doubles up to T2',
    section: 'RFC 3261 §17.1.2.2',
  },
  F: { kind: 'limit', initial: t1Times64, meaning: 'non-INVITE request timeout', section: 'RFC 3261 §17.1.2.2' },
  G: {
    kind: 'repeat',
    initial: (timers) => timers.t1,
    meaning: 'INVITE response retransmission; doubles up to T2',
    section: 'RFC 3261 §17.2.1',
  },
  H: { kind: 'limit', initial: t1Times64, meaning: 'wait for the ACK', section: 'RFC 3261 §17.2.1' },
  I: {
    kind: 'wait',
    initial: (timers) => timers.t4,
    meaning: 'wait for retransmitted ACKs',
    section: 'RFC 3261 §17.2.1',
  },
  J: {
    kind: 'wait',
    initial: t1Times64,
    meaning: 'wait for retransmitted non-INVITE requests',
    section: 'RFC 3261 §17.2.2',
  },
  K: {
    kind: 'wait',
    initial: (timers) => timers.t4,
    meaning: 'wait for retransmitted non-INVITE responses',
    section: 'RFC 3261 §17.1.2.2',
  },
  L: {
    kind: 'limit',
    initial: t1Times64,
    meaning: 'absorb retransmissions of an accepted INVITE',
    section: 'RFC 6026 §8.7',
  },
  M: {
    kind: 'limit',
    initial: t1Times64,
    meaning: 'collect 2xx of all branches of an INVITE',
    section: 'RFC 6026 §8.4',
  },
  Cancelled: {
    kind: 'limit',
    initial: t1Times64,
    meaning: 'wait for the final response after a CANCEL',
    section: 'RFC 3261 §9.1',
  },
  Provisional: {
    kind: 'limit',
    initial: () => 200,
    meaning: 'send 100 to an INVITE unless the transaction user answers first',
    section: 'RFC 3261 §17.2.1',
  },
  Trying: {
    kind: 'limit',
    initial: timeToT2,
    meaning: 'send 100 to a non-INVITE request that has no answer yet',
    section: 'RFC 4320 §4.1',
  },
  Abandon: {
    kind: 'limit',
    initial: (timers) => t1Times64(timers) - timeToT2(timers),
    meaning: 'the client has given up: no response is of use any more',
    section: 'RFC 4320 §4.2',
  },
};

/** Least time that a proxy waits for a final response to INVITE after the last provisional one, in milliseconds. @spec RFC 3261 §16.6 (11) */
export const timerC = 180_001;

/**
 * First wait of a timer.
 *
 * @returns milliseconds; 0 means that it fires at once, undefined that it is not started
 */
export function timerDuration(name: TimerName, timers: TimerSettings, reliable: boolean): number | undefined {
  const { kind, initial } = timerTable[name];
  if (!reliable || kind === 'limit') return initial(timers);
  return kind === 'wait' ? 0 : undefined;
}

/**
 * Wait before the next retransmission.
 *
 * @param elapsed - the interval that just ended, in milliseconds (> 0)
 * @returns milliseconds; Timer A doubles for ever, Timers E and G never pass T2
 * @spec RFC 3261 §17.1.1.2, §17.1.2.2 (T2, where several stacks wrongly take T4), §17.2.1
 */
export function nextInterval(name: TimerName, elapsed: number, timers: TimerSettings): number {
  return name === 'A' ? elapsed * 2 : Math.min(elapsed * 2, timers.t2);
}
