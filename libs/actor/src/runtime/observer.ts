import type { Directive } from './supervision.ts';

/** Why a message reached nobody. */
export type DeadLetterReason = 'mailbox-full' | 'stopped' | 'draining';

/** A message that no actor took; for counting and for a log line without its content. */
export interface DeadLetter {
  readonly kind: string;
  readonly identity: string;
  readonly message: unknown;
  readonly reason: DeadLetterReason;
}

/** Where an actor was when it failed. */
export type CrashPhase = 'loading' | 'started' | 'receiving' | 'stopping';

/** A behaviour or hook that threw or rejected, and what the supervisor made of it. */
export interface Crash {
  readonly kind: string;
  readonly identity: string;
  readonly phase: CrashPhase;
  readonly error: unknown;
  readonly directive: Directive;
}

/** Hears of what goes wrong; a service passes one that logs and counts. Must not throw. */
export interface ActorObserver {
  crashed(crash: Crash): void;
  deadLetter(letter: DeadLetter): void;
}

/** What an {@link ActorSystem} has seen since it started; monotonic, but for `live`. */
export interface ActorCounts {
  /** Actors in memory. */
  live: number;
  delivered: number;
  crashed: number;
  restarted: number;
  /** Put to sleep, told to stop, or stopped by the supervisor. */
  stopped: number;
  deadLetters: number;
}
