import type { Bus } from '@parley/bus';
import type { Clock, Random } from '@parley/prelude';
import { randomToken } from '@parley/prelude';

/** What it takes to ask a service. */
export interface Asker {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds that a question may take. */
  readonly patience: number;
}

/** When an answer to a question asked now is of no use any more. */
export function deadlineOf({ clock, patience }: Asker): number {
  return clock.now() + patience;
}

/** Names a command, so that one that is delivered twice is carried out once. */
export function newCommandId({ random }: Asker): string {
  return randomToken(random, 26);
}
