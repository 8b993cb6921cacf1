/**
 * How an actor is to leave, the less urgent first: `asleep` may be woken by mail that waits, `drained` first handles it,
 * `stopped` drops it.
 */
export type Leaving = 'asleep' | 'drained' | 'stopped';

const urgency: readonly Leaving[] = ['asleep', 'drained', 'stopped'];

/** The requests by which an actor is to leave memory; the most urgent counts. */
export class Departure {
  private how: Leaving | undefined;
  private waiting: (() => void)[] | undefined;

  request(how: Leaving): void {
    if (this.how === undefined || urgency.indexOf(how) > urgency.indexOf(this.how)) this.how = how;
  }

  /** Resolves once the actor has left. */
  whenGone(): Promise<void> {
    return new Promise((resolve) => (this.waiting ??= []).push(resolve));
  }

  /** Whether not even the next message may be handled. */
  get pressing(): boolean {
    return this.how === 'asleep' || this.how === 'stopped';
  }

  /** Whether it leaves as soon as its work is done. */
  get draining(): boolean {
    return this.how === 'drained';
  }

  /** Whether mail that waits is dropped. */
  get final(): boolean {
    return this.how === 'stopped';
  }

  /** Mail has woken the actor after all. */
  wake(): void {
    if (this.how === 'asleep') this.how = undefined;
  }

  gone(): void {
    for (const resolve of this.waiting ?? []) resolve();
    this.waiting = undefined;
  }
}
