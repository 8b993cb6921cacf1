import type { Cancel, Clock } from '@parley/prelude';

interface Waiting {
  readonly at: number;
  readonly task: () => void;
}

/** A clock that stands still until a test moves it. */
export class SimulatedClock implements Clock {
  private time = 0;
  private waiting: Waiting[] = [];

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return Date.UTC(2026, 0, 1) + this.time;
  }

  get pending(): number {
    return this.waiting.length;
  }

  after(delay: number, task: () => void): Cancel {
    const entry = { at: this.time + delay, task };
    const index = this.waiting.findIndex(({ at }) => at > entry.at);
    this.waiting.splice(index === -1 ? this.waiting.length : index, 0, entry);
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry);
    };
  }

  /** Moves time on by `milliseconds` and runs what falls due on the way. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (let next = this.waiting[0]; next !== undefined && next.at <= end; next = this.waiting[0]) {
      this.waiting.shift();
      this.time = next.at;
      next.task();
    }
    this.time = end;
  }
}
