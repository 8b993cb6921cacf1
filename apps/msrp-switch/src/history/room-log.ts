import type { Recorded } from './recording.ts';
import type { Said } from './kept-message.ts';

/** A message that is whole and not written. */
export interface Unwritten {
  readonly said: Said;
  readonly recorded: Recorded;
}

/** Octets of a room that wait to be written; when the store takes less than is said, the oldest are not kept. */
const mostOctets = 32 * 1024 * 1024;

const octetsOf = ({ recorded }: Unwritten): number => recorded.octets.length;

/** What was said in a room and is not written: the newest only, as many as its policy keeps. */
export class RoomLog {
  readonly room: string;
  kept: number;
  /** Whether a write is under way. */
  isWriting = false;
  /** Whether the store did not take what was written last. */
  isFailing = false;
  /** When it may be written again. */
  restsUntil = 0;
  private unwritten: Unwritten[] = [];
  /** Of {@link unwritten}. */
  private octets = 0;

  constructor(room: string, kept: number) {
    this.room = room;
    this.kept = kept;
  }

  get isEmpty(): boolean {
    return this.unwritten.length === 0;
  }

  add(one: Unwritten): void {
    this.unwritten.push(one);
    this.octets += octetsOf(one);
    // Twice as many, so that not each message moves all others.
    if (this.unwritten.length >= 2 * this.kept || this.octets > mostOctets) this.hold(this.unwritten);
  }

  /** Takes out what is to be written. */
  take(): readonly Unwritten[] {
    const newest = this.unwritten.slice(-this.kept);
    this.hold([]);
    return newest;
  }

  /** Puts back what could not be written. */
  putBack(some: readonly Unwritten[]): void {
    this.hold([...some, ...this.unwritten]);
  }

  /** Holds the newest of `some`, as many as are kept and as may wait. */
  private hold(some: readonly Unwritten[]): void {
    this.unwritten = some.slice(-this.kept);
    this.octets = this.unwritten.reduce((sum, one) => sum + octetsOf(one), 0);
    // Half of them, so that not each message moves all others.
    if (this.octets > mostOctets) this.hold(this.unwritten.slice(Math.ceil(this.unwritten.length / 2)));
  }
}
