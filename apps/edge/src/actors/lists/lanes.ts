import type { Clock } from '@parley/prelude';

/** How much may be under way. */
export interface LaneLimits {
  /** Works that began a moment ago. */
  readonly fresh: number;
  /** Works in all. */
  readonly all: number;
  /** Milliseconds after which a work counts as slow, and another may begin in its place. */
  readonly patience: number;
}

/** Counts works of one source, and says when the next may begin: slow ones do not hold the others. */
export class Lanes {
  private readonly clock: Clock;
  private readonly limits: LaneLimits;
  private fresh = 0;
  private all = 0;
  private changed: PromiseWithResolvers<undefined> | undefined;

  constructor(clock: Clock, limits: LaneLimits) {
    this.clock = clock;
    this.limits = limits;
  }

  /** Resolves when one more may begin. */
  async room(): Promise<void> {
    while (this.fresh >= this.limits.fresh || this.all >= this.limits.all) await this.change();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.all > 0) await this.change();
  }

  /** Counts a work, which must not reject, until it is done. */
  add(work: Promise<void>): void {
    this.all++;
    this.fresh++;
    let isFresh = true;
    const age = (): void => {
      if (isFresh) this.fresh--;
      isFresh = false;
      this.wake();
    };
    const cancel = this.clock.after(this.limits.patience, age);
    void work.then(() => {
      cancel();
      this.all--;
      age();
    });
  }

  private change(): Promise<undefined> {
    this.changed ??= Promise.withResolvers<undefined>();
    return this.changed.promise;
  }

  private wake(): void {
    this.changed?.resolve(undefined);
    this.changed = undefined;
  }
}
