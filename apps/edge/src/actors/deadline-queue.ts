import type { Cancel, Clock } from '@parley/prelude';

/** A member of a {@link DeadlineQueue}; alone it points to itself. */
export class Deadline {
  previous: Deadline = this;
  next: Deadline = this;
  at = 0;
  readonly expire: () => void;

  constructor(expire: () => void) {
    this.expire = expire;
  }

  /** Leaves its queue; harmless when it is in none. */
  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this.next = this;
  }
}

/** Deadlines that all lie the same time ahead, so that the queue is in order by itself: nothing per member to arm. */
export class DeadlineQueue implements Disposable {
  private readonly clock: Clock;
  private readonly ahead: number;
  private readonly grain: number;
  private readonly head = new Deadline(() => {});
  private cancel: Cancel | undefined;

  /**
   * @param ahead - milliseconds from joining to expiry
   * @param grain - milliseconds by which an expiry may be late
   */
  constructor(clock: Clock, ahead: number, grain: number) {
    this.clock = clock;
    this.ahead = ahead;
    this.grain = grain;
  }

  join(deadline: Deadline): void {
    deadline.at = this.clock.now() + this.ahead;
    deadline.previous = this.head.previous;
    deadline.next = this.head;
    this.head.previous.next = deadline;
    this.head.previous = deadline;
    this.cancel ??= this.clock.after(this.ahead, this.look);
  }

  [Symbol.dispose](): void {
    this.cancel?.();
  }

  private readonly look = (): void => {
    const now = this.clock.now();
    for (let first = this.head.next; first !== this.head && first.at <= now; first = this.head.next) {
      first.leave();
      first.expire();
    }
    this.cancel = this.head.next === this.head ? undefined : this.clock.after(this.grain, this.look);
  };
}
