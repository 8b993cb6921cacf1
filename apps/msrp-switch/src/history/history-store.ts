import type { Bus, BusFailure, MessageStream, ObjectStore } from '@parley/bus';
import { busFailure } from '@parley/bus';
import { history, historySubject, objectStores, streams } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { AmendedEntries } from './amended-entries.ts';
import { nextNumber, placeOf, RoomPage } from './room-pages.ts';
import type { StoredBatch } from './room-pages.ts';

/** Where the history of a room ends: the sequence of its last batch and the number of its next entry. */
interface Tail {
  readonly sequence: number;
  readonly next: number;
  /** What `next` was when old batches were last removed. */
  readonly trimmedAt: number;
}

/** An entry and its place in the history. */
export interface NumberedEntry {
  readonly number: number;
  readonly entry: history.HistoryEntry;
}

/** Octets of contents in one answer: what fits into a message of NATS. */
const pageOctets = 512 * 1024;

/** Octets of contents that one answer stands for, wherever they are: what who asks may have to hold at once. */
const pageContents = 8 * 1024 * 1024;

/** Writers of other switches that may come first before an append is given up. */
const tries = 8;

/** Batches removed with one append at most, so that it stays short. */
const trimmedAtOnce = 64;

/**
 * The history of rooms in JetStream: a chain of batches for each room, each naming the one before, since the store has no way
 * to read backwards. Several switches may write for one room; whoever comes second adds to what the first one wrote.
 */
export class HistoryStore {
  private readonly stream: MessageStream<history.HistoryBatch>;
  private readonly objects: ObjectStore;
  /** What became of what is kept. */
  readonly amended: AmendedEntries;
  private readonly tails = new Map<string, Tail>();

  constructor(bus: Bus) {
    this.stream = bus.stream(streams.history, history.HistoryBatch);
    this.objects = bus.objects(objectStores.historyBodies);
    this.amended = new AmendedEntries(bus);
  }

  /** Adds what was said, and removes what is more than the `kept` newest. */
  async append(
    room: string,
    entries: readonly history.HistoryEntry[],
    kept: number,
  ): Promise<Result<void, BusFailure>> {
    for (let left = tries; left > 0; left--) {
      const tail = await this.tail(room);
      if (!tail.ok) return tail;
      const { sequence: before, next: first, trimmedAt } = tail.value;
      const batch = { entries, first, before };
      const stored = await this.stream.append(historySubject(room), batch, { expectLast: before });
      if (!stored.ok) {
        this.tails.delete(room); // it may have been stored
        return stored;
      }
      if (stored.value.outcome === 'appended') {
        const next = nextNumber(batch);
        // What nobody can see any more is removed now and then: that costs more than to write it.
        const isDue = next - trimmedAt >= kept;
        this.tails.set(room, { sequence: stored.value.sequence, next, trimmedAt: isDue ? next : trimmedAt });
        if (isDue) await this.trim(room, next - kept);
        return ok(undefined);
      }
      this.tails.delete(room);
    }
    return err(busFailure('store', 'other switches write for this room all the time'));
  }

  /**
   * A page that ends in front of `before`, or with the newest; messages are as their senders want them now.
   *
   * @param withoutRecalled - whether nothing is said of those that were recalled
   */
  async read(
    room: string,
    { limit, before, since, kept }: history.ReadHistory,
    withoutRecalled = false,
  ): Promise<Result<history.HistoryPage, BusFailure | Refusal>> {
    const place = before === '' ? undefined : placeOf(before);
    if (before !== '' && place === undefined) return err(refusal(400, 'Bad Cursor', 'expected a cursor of this room'));
    const last = await this.stream.last(historySubject(room));
    if (!last.ok) return last;
    if (last.value === undefined) return ok({ items: [], next: '' });
    const newest = { sequence: last.value.sequence, batch: last.value.message };
    const oldest = Math.max(1, nextNumber(newest.batch) - kept);
    const page = new RoomPage({ limit, since, oldest, octets: pageOctets, contents: pageContents, withoutRecalled });
    const amended = this.amended.of(room);
    let at =
      place === undefined || place.sequence === newest.sequence ? newest : await this.batchAt(room, place.sequence);
    let index = place?.index ?? Infinity;
    for (;;) {
      if (at === undefined) break;
      const covered = await amended.cover(at.batch);
      if (!covered.ok) return covered;
      if (!page.take(at, index, (number, entry) => amended.view(number, entry))) break;
      at = await this.batchAt(room, at.batch.before);
      index = Infinity;
    }
    return ok(page.finish(at !== undefined));
  }

  /** Entries that may be seen and are looked for, from new to old, with their numbers. */
  async search(
    room: string,
    { since, kept }: Pick<history.ReadHistory, 'since' | 'kept'>,
    isWanted: (entry: history.HistoryEntry) => boolean,
  ): Promise<Result<readonly NumberedEntry[], BusFailure>> {
    const last = await this.stream.last(historySubject(room));
    if (!last.ok) return last;
    const found: NumberedEntry[] = [];
    let batch = last.value?.message;
    const oldest = batch === undefined ? 0 : nextNumber(batch) - kept;
    while (batch !== undefined && nextNumber(batch) > oldest) {
      const { first, entries, before }: history.HistoryBatch = batch;
      const numbered = entries.map((entry, i) => ({ number: first + i, entry }));
      found.push(...numbered.filter(({ number, entry }) => number >= oldest && entry.at >= since && isWanted(entry)));
      batch = (await this.batchAt(room, before))?.batch;
    }
    return ok(found);
  }

  /** The content of an entry, wherever it is. */
  async content({ content, object }: history.HistoryEntry): Promise<Uint8Array> {
    if (object === '') return content;
    const found = await this.objects.get(object);
    return found.ok && found.value !== undefined ? found.value : content;
  }

  /** Stores a large content. */
  keep(object: string, pieces: AsyncIterable<Uint8Array>): Promise<Result<void, BusFailure>> {
    return this.objects.put(object, pieces);
  }

  /** Forgets all that was said in a room. */
  async forget(room: string): Promise<Result<void, BusFailure>> {
    this.tails.delete(room);
    const subject = historySubject(room);
    const amended = await this.amended.forget(room);
    if (!amended.ok) return amended;
    await this.discard(amended.value);
    for (;;) {
      const oldest = await this.stream.next(subject, 0);
      if (!oldest.ok) return oldest;
      if (oldest.value === undefined) break;
      const dropped = await this.drop({ sequence: oldest.value.sequence, batch: oldest.value.message });
      if (!dropped.ok) return dropped;
    }
    return ok(undefined);
  }

  /** Forgets a large content. */
  async discard(objects: readonly string[]): Promise<void> {
    for (const object of objects) if (object !== '') await this.objects.remove(object);
  }

  /** Forgets where the history of a room ends; it is looked up when it is needed again. */
  close(room: string): void {
    this.tails.delete(room);
  }

  private async trim(room: string, oldest: number): Promise<void> {
    if (oldest <= 1) return;
    for (let left = trimmedAtOnce; left > 0; left--) {
      const first = await this.stream.next(historySubject(room), 0);
      if (!first.ok || first.value === undefined || nextNumber(first.value.message) > oldest) break;
      const dropped = await this.drop({ sequence: first.value.sequence, batch: first.value.message });
      if (!dropped.ok) return;
    }
    await this.discard(await this.amended.trim(room, oldest));
  }

  /** Fails where the batch stays: its contents do, too. */
  private async drop({ sequence, batch }: StoredBatch): Promise<Result<unknown, BusFailure>> {
    const removed = await this.stream.remove(sequence);
    if (removed.ok) await this.discard(batch.entries.map(({ object }) => object));
    return removed;
  }

  private async tail(room: string): Promise<Result<Tail, BusFailure>> {
    const known = this.tails.get(room);
    if (known !== undefined) return ok(known);
    const last = await this.stream.last(historySubject(room));
    if (!last.ok) return last;
    if (last.value === undefined) return ok({ sequence: 0, next: 1, trimmedAt: 1 });
    return ok({ sequence: last.value.sequence, next: nextNumber(last.value.message), trimmedAt: 0 });
  }

  /** The batch of this sequence, when it is still there. */
  private async batchAt(room: string, sequence: number): Promise<StoredBatch | undefined> {
    if (sequence === 0) return undefined;
    const found = await this.stream.next(historySubject(room), sequence);
    if (!found.ok || found.value?.sequence !== sequence) return undefined;
    return { sequence, batch: found.value.message };
  }
}

/** Name of the object that holds a content. */
export function objectName(room: string, id: string): string {
  return `${encodeURIComponent(room)}.${id}`;
}
