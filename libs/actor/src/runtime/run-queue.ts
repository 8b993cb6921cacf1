/** Something with work to do in small portions. */
export interface Runnable {
  /** Does at most `budget` units of work and returns how many it did. */
  run(budget: number): number;
}

/** Messages that one actor handles before the next one has its turn. */
const portion = 64;

/** Messages handled before sockets and timers have their turn: about a millisecond of small ones. */
const turn = 1024;

/** Actors that have mail, in turn, one portion each; a burst of tells costs one microtask. */
export class RunQueue {
  private waiting: Runnable[] = [];
  private next = 0;
  private woken = false;

  add(runnable: Runnable): void {
    this.waiting.push(runnable);
    if (this.woken) return;
    this.woken = true;
    queueMicrotask(this.drain);
  }

  private readonly drain = (): void => {
    let left = turn;
    while (left > 0) {
      const runnable = this.waiting[this.next];
      if (runnable === undefined) {
        this.rest();
        return;
      }
      this.next++;
      left -= Math.max(1, runnable.run(Math.min(portion, left)));
    }
    this.waiting = this.waiting.slice(this.next);
    this.next = 0;
    setImmediate(this.drain);
  };

  private rest(): void {
    this.waiting = [];
    this.next = 0;
    this.woken = false;
  }
}
