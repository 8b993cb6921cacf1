import type { Clock } from '@parley/prelude';

/** Milliseconds that a store that went has to come back in, once, before nobody waits for it any more. */
const patience = 8_000;

/** Whether the store is away, and for how long it has been. */
export class Outage {
  private readonly clock: Pick<Clock, 'now'>;
  private since: number | undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.clock = clock;
  }

  /** Notes how an attempt to store went. */
  note(isStored: boolean): void {
    if (isStored) this.since = undefined;
    else this.since ??= this.clock.now();
  }

  /** Whether the store has been away for so long that waiting promises nothing. */
  get isLasting(): boolean {
    return this.since !== undefined && this.clock.now() - this.since >= patience;
  }
}
