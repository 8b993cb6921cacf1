import type { Cancel, Clock } from '@parley/prelude';
import { Link } from './ring.ts';
import type { TimerName } from '../transactions/timers.ts';

/** A timer of a transaction; it waits while it is in a queue. */
export class TimerEntry<Owner> extends Link<Owner> {
  timer: TimerName = 'A';
  /** Monotonic milliseconds. */
  due = 0;

  // One that is left out is looked for whenever one is made.
  // eslint-disable-next-line @typescript-eslint/no-useless-constructor -- what it costs to leave it out
  constructor(owner: Owner) {
    super(owner);
  }
}

/** Timers that last equally long, in the order in which they end. */
class Queue<Owner> extends Link<Owner> {
  first(): TimerEntry<Owner> | undefined {
    return this.next instanceof TimerEntry ? this.next : undefined;
  }
}

/**
 * All timers of all transactions. The RFC's timers come in a dozen lengths, and timers of one length end in the order
 * in which they began: a list for each length, O(1) for everything, and one timer of the clock for all of them.
 */
export class TimerQueues<Owner> {
  private readonly queues = new Map<number, Queue<Owner>>();
  private readonly clock: Clock;
  private readonly fire: (owner: Owner, timer: TimerName) => void;
  private readonly grain: number;
  private wakeAt = Infinity;
  private cancelWake: Cancel = () => {};

  /** @param grain - milliseconds between two looks at the queues; a timer may be late by as much, never early */
  constructor(clock: Clock, grain: number, fire: (owner: Owner, timer: TimerName) => void) {
    this.clock = clock;
    this.grain = grain;
    this.fire = fire;
  }

  /** Starts the entry, anew if it waits already. */
  arm(entry: TimerEntry<Owner>, timer: TimerName, delay: number): void {
    if (!entry.alone) entry.leave();
    entry.timer = timer;
    entry.due = this.clock.now() + delay;
    entry.joinBefore(this.queueFor(delay));
    if (entry.due < this.wakeAt) this.wake(entry.due, delay);
  }

  /** The timer of this length that ends next. */
  oldest(delay: number): TimerEntry<Owner> | undefined {
    return this.queues.get(delay)?.first();
  }

  /** Forgets what waits for the clock. */
  close(): void {
    this.cancelWake();
    this.wakeAt = Infinity;
    this.queues.clear();
  }

  private queueFor(delay: number): Queue<Owner> {
    const found = this.queues.get(delay);
    if (found !== undefined) return found;
    const queue = new Queue<Owner>();
    this.queues.set(delay, queue);
    return queue;
  }

  private wake(at: number, delay: number): void {
    this.cancelWake();
    this.wakeAt = at;
    this.cancelWake = this.clock.after(delay, this.run);
  }

  private readonly run = (): void => {
    const now = this.clock.now();
    this.wakeAt = Infinity;
    try {
      for (const queue of this.queues.values()) this.drain(queue, now);
    } finally {
      this.sleep();
    }
  };

  private drain(queue: Queue<Owner>, now: number): void {
    for (let entry = queue.first(); entry !== undefined && entry.due <= now; entry = queue.first()) {
      entry.leave();
      if (entry.owner !== undefined) this.fire(entry.owner, entry.timer);
    }
  }

  private sleep(): void {
    let next = this.wakeAt;
    for (const queue of this.queues.values()) next = Math.min(next, queue.first()?.due ?? Infinity);
    const now = this.clock.now();
    const delay = Math.max(next - now, this.grain);
    if (next !== Infinity) this.wake(now + delay, delay);
  }
}
