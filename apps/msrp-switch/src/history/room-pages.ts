import type { history } from '@parley/contracts';

/** A place in the history of a room: an entry of a batch. */
export interface Place {
  /** Of the batch in the stream. */
  readonly sequence: number;
  /** Within the batch. */
  readonly index: number;
}

/** A batch as the stream has it. */
export interface StoredBatch {
  readonly sequence: number;
  readonly batch: history.HistoryBatch;
}

/** Number of the entry behind the last one of a batch. */
export function nextNumber({ first, entries }: history.HistoryBatch): number {
  return first + entries.length;
}

/** A cursor as the API shows it. */
export function cursorOf({ sequence, index }: Place): string {
  return `${sequence}-${index}`;
}

/** Reads a cursor; undefined when it is none. */
export function placeOf(cursor: string): Place | undefined {
  const match = /^(\d{1,15})-(\d{1,6})$/.exec(cursor);
  return match === null ? undefined : { sequence: Number(match[1]), index: Number(match[2]) };
}

/** What a page may hold. */
export interface PageBounds {
  readonly limit: number;
  /** Nothing older, milliseconds since 1970. */
  readonly since: number;
  /** Number of the oldest entry that may be seen. */
  readonly oldest: number;
  /** Octets of the answer, which one entry alone may exceed. */
  readonly octets: number;
  /** Octets of contents, those in the object store too, which one entry alone may exceed. */
  readonly contents: number;
  /** Whether what was recalled is left out, as if nothing had been there. */
  readonly withoutRecalled: boolean;
}

/** Gives the entry of a number as it is now. */
export type Amended = (number: number, entry: history.HistoryEntry) => history.HistoryEntry;

const asSaid: Amended = (_, entry) => entry;

/** Gathers a page from its newest entry to its oldest. */
export class RoomPage {
  /** From new to old. */
  private readonly entries: history.HistoryEntry[] = [];
  private readonly bounds: PageBounds;
  private octets = 0;
  private contents = 0;
  private oldest: Place | undefined;
  private isOver = false;

  constructor(bounds: PageBounds) {
    this.bounds = bounds;
  }

  /**
   * Takes the entries of a batch below `index`; false when no more are wanted.
   *
   * @param amended - gives an entry as it is now
   */
  take({ sequence, batch }: StoredBatch, index: number, amended: Amended = asSaid): boolean {
    for (let at = Math.min(index, batch.entries.length) - 1; at >= 0; at--) {
      const said = batch.entries[at];
      if (said === undefined) break;
      const entry = amended(batch.first + at, said);
      if (batch.first + at < this.bounds.oldest || entry.at < this.bounds.since) {
        this.isOver = true;
        return false;
      }
      if (entry.recalled === true && this.bounds.withoutRecalled) continue;
      if (this.isFull(entry)) return false;
      this.octets += entry.content.length + entry.head.length;
      this.contents += entry.size;
      this.entries.push(entry);
      this.oldest = { sequence, index: at };
    }
    return true;
  }

  /** The page; `hasMore` when the room has older ones. */
  finish(hasMore: boolean): history.HistoryPage {
    const next = hasMore && !this.isOver && this.oldest !== undefined ? cursorOf(this.oldest) : '';
    return { items: this.entries.toReversed(), next };
  }

  private isFull({ content, head, size }: history.HistoryEntry): boolean {
    const { limit, octets, contents } = this.bounds;
    if (this.entries.length >= limit) return true;
    if (this.entries.length === 0) return false;
    return this.octets + content.length + head.length > octets || this.contents + size > contents;
  }
}
