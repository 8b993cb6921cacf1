import type { Cancel, Clock } from '@parley/prelude';

interface Waiting {
  readonly at: number;
  readonly task: () => void;
}

/** One turn of the event loop: every promise that can settle has settled. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that stands still until a test moves it; tasks run in the order of their times, equal times as they came. */
export class SimulatedClock implements Clock {
  private time = 0;
  private readonly epoch: number;
  private readonly waiting: Waiting[] = [];

  /** @param epoch - wall time at the start, milliseconds since 1970 */
  constructor(epoch = Date.UTC(2026, 0, 1)) {
    this.epoch = epoch;
  }

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.epoch + this.time;
  }

  after(delay: number, task: () => void): Cancel {
    const entry = { at: this.time + Math.max(0, delay), task };
    this.waiting.splice(this.positionFor(entry.at), 0, entry);
    return () => {
      const index = this.waiting.indexOf(entry);
      if (index !== -1) this.waiting.splice(index, 1);
    };
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.waiting.length;
  }

  /** When the next task runs; Infinity when none waits. */
  get nextAt(): number {
    return this.waiting[0]?.at ?? Infinity;
  }

  /** Moves time on by `milliseconds` and runs what falls due on the way, synchronously. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    while (this.runNext(end));
    this.time = end;
  }

  /** Like {@link advance}, but lets promises settle before, between and after the tasks. */
  async run(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await turn();
    while (this.runNext(end)) await turn();
    this.time = end;
    await turn();
  }

  private runNext(end: number): boolean {
    if (this.nextAt > end) return false;
    const entry = this.waiting.shift();
    if (entry === undefined) return false;
    this.time = Math.max(this.time, entry.at);
    entry.task();
    return true;
  }

  private positionFor(at: number): number {
    let low = 0;
    let high = this.waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.waiting[middle]?.at ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
