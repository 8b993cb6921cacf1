import { Fault } from './result.ts';

/** A task that waits in a {@link TimerWheel}; opaque, for {@link TimerWheel.cancel} alone. */
export interface WheelTimer {
  /** Whether it still waits: false once it ran or was cancelled. */
  readonly waiting: boolean;
}

/**
 * Timers of one worker in O(1) each: a hierarchical wheel that is told the time and never asks for it.
 * A timer never runs early, and late by less than a tick plus the lateness of {@link TimerWheel.advance}.
 * Timers of the same tick run in no promised order.
 */
export interface TimerWheel {
  /** Runs `task` once `delay` milliseconds (>= 0) from `now`, on a later tick than the one that runs. */
  arm(now: number, delay: number, task: () => void): WheelTimer;
  /** Forgets a timer; harmless when it ran or was cancelled before. */
  cancel(timer: WheelTimer): void;
  /** Runs what is due at `now`. What a task throws passes through; the rest runs at the next call. */
  advance(now: number): void;
  /** The latest time by which {@link advance} wants to be called next: never after the next timer; Infinity when empty. */
  wakeAt(): number;
  /** Timers that wait. */
  readonly size: number;
}

/** A circular list's member; a slot of the wheel is a list's head. */
interface Node {
  previous: Node;
  next: Node;
}

class Entry implements Node, WheelTimer {
  previous: Node = this;
  next: Node = this;
  /** Tick at which it runs. */
  readonly due: number;
  readonly task: () => void;
  constructor(due: number, task: () => void) {
    this.due = due;
    this.task = task;
  }
  get waiting(): boolean {
    return this.next !== this;
  }
}

function head(): Node {
  const node = {} as Node; // closed over itself on the next line
  node.previous = node.next = node;
  return node;
}

function append(slot: Node, node: Node): void {
  node.previous = slot.previous;
  node.next = slot;
  slot.previous.next = node;
  slot.previous = node;
}

function unlink(node: Node): void {
  node.previous.next = node.next;
  node.next.previous = node.previous;
  node.previous = node.next = node;
}

/** Ticks that one slot of each level spans; 256 slots of one tick, then thrice 64 of what the level below spans. */
const coarseSpans = [256, 256 * 64, 256 * 64 * 64];
const reach = 256 * 64 * 64 * 64;

class Level {
  readonly span: number;
  /** Ticks from the current one that fit in. */
  readonly reach: number;
  private readonly slots: readonly Node[];
  constructor(span: number) {
    this.span = span;
    this.slots = Array.from({ length: span === 1 ? 256 : 64 }, head);
    this.reach = span * this.slots.length;
  }
  slotOf(tick: number): Node {
    const slot = this.slots[Math.floor(tick / this.span) % this.slots.length];
    if (slot === undefined) throw new Fault(`no slot for tick ${tick}`);
    return slot;
  }
  /** First tick, `current` or later, whose slot holds something; Infinity when all are empty. */
  nextOccupied(current: number): number {
    const base = Math.floor(current / this.span);
    // A coarse slot that has been reached is empty, so that what its place holds lies a whole turn ahead.
    const nearest = this.span === 1 ? 0 : 1;
    for (let step = nearest; step < this.slots.length + nearest; step++) {
      const slot = this.slots[(base + step) % this.slots.length];
      if (slot !== undefined && slot.next !== slot) return (base + step) * this.span;
    }
    return Infinity;
  }
}

class HierarchicalWheel implements TimerWheel {
  size = 0;
  private readonly tick: number;
  private readonly origin: number;
  private readonly lowest = new Level(1);
  private readonly levels = [this.lowest, ...coarseSpans.map((span) => new Level(span))];
  /** The tick that has been run last. */
  private current = 0;

  constructor(now: number, tick: number) {
    this.origin = now;
    this.tick = tick;
  }

  arm(now: number, delay: number, task: () => void): WheelTimer {
    const due = Math.ceil((now + delay - this.origin) / this.tick);
    const entry = new Entry(Math.max(due, this.current + 1), task);
    this.place(entry);
    this.size++;
    return entry;
  }

  cancel(timer: WheelTimer): void {
    if (!(timer instanceof Entry) || !timer.waiting) return;
    unlink(timer);
    this.size--;
  }

  advance(now: number): void {
    const target = Math.floor((now - this.origin) / this.tick);
    this.runSlot();
    while (this.current < target) {
      // After a long silence the empty ticks are jumped over; the search for the next one costs a few hundred of them.
      const next = target - this.current > 512 ? this.nextTick() : this.current + 1;
      this.current = Math.min(next, target);
      if (next <= target) this.runTick();
    }
  }

  wakeAt(): number {
    return this.origin + this.nextTick() * this.tick;
  }

  /** First tick that has something to run or to move; Infinity when empty. */
  private nextTick(): number {
    if (this.size === 0) return Infinity;
    return Math.min(...this.levels.map((level) => level.nextOccupied(this.current)));
  }

  private runTick(): void {
    for (let i = this.levels.length - 1; i > 0; i--) {
      const level = this.levels[i];
      if (level !== undefined && this.current % level.span === 0) this.cascade(level.slotOf(this.current));
    }
    this.runSlot();
  }

  private runSlot(): void {
    const slot = this.lowest.slotOf(this.current);
    while (slot.next instanceof Entry) {
      const entry = slot.next;
      unlink(entry);
      this.size--;
      entry.task();
    }
  }

  /** Moves what a coarse slot holds to where it now belongs, one level or more below. */
  private cascade(slot: Node): void {
    for (let node = slot.next; node instanceof Entry; node = slot.next) {
      unlink(node);
      this.place(node);
    }
  }

  private place(entry: Entry): void {
    const ahead = Math.min(entry.due - this.current, reach - 1);
    for (const level of this.levels) {
      if (ahead >= level.reach) continue;
      append(level.slotOf(this.current + ahead), entry);
      return;
    }
  }
}

/**
 * Builds an empty wheel.
 *
 * @param now - monotonic milliseconds at which it starts
 * @param tick - its resolution in milliseconds; 10 is a fiftieth of T1 (RFC 3261 §17.1.1.1), finer buys nothing
 */
export function createTimerWheel(now: number, tick = 10): TimerWheel {
  return new HierarchicalWheel(now, tick);
}
