import type { Recorded } from './recording.ts';
import type { Said } from './kept-message.ts';

/** A message that is whole and not written. */
export interface Unwritten {
  readonly said: Said;
  readonly recorded: Recorded;
}

/** What was said in a room and is not written: the newest only, as many as its policy keeps. */
export class RoomLog {
  readonly room: string;
  kept: number;
  /** Whether a write is under way. */
  isWriting = false;
  private unwritten: Unwritten[] = [];

  constructor(room: string, kept: number) {
    this.room = room;
    this.kept = kept;
  }

  get isEmpty(): boolean {
    return this.unwritten.length === 0;
  }

  add(one: Unwritten): void {
    this.unwritten.push(one);
    // Twice as many, so that not each message moves all others.
    if (this.unwritten.length >= 2 * this.kept) this.unwritten = this.unwritten.slice(-this.kept);
  }

  /** Takes out what is to be written. */
  take(): readonly Unwritten[] {
    const newest = this.unwritten.slice(-this.kept);
    this.unwritten = [];
    return newest;
  }

  /** Puts back what could not be written. */
  putBack(some: readonly Unwritten[]): void {
    this.unwritten = [...some, ...this.unwritten].slice(-this.kept);
  }
}
