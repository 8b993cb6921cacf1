import type { Bus, BusFailure, MessageStream, ObjectStore } from '@parley/bus';
import { busFailure } from '@parley/bus';
import { history, historySubject, objectStores, streams } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { nextNumber, placeOf, RoomPage } from './room-pages.ts';
import type { StoredBatch } from './room-pages.ts';

/** Where the history of a room ends: the sequence of its last batch and the number of its next entry. */
interface Tail {
  readonly sequence: number;
  readonly next: number;
  /** What `next` was when old batches were last removed. */
  readonly trimmedAt: number;
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
  private readonly tails = new Map<string, Tail>();

  constructor(bus: Bus) {
    this.stream = bus.stream(streams.history, history.HistoryBatch);
    this.objects = bus.objects(objectStores.historyBodies);
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

  /** A page that ends in front of `before`, or with the newest. */
  async read(
    room: string,
    { limit, before, since, kept }: history.ReadHistory,
  ): Promise<Result<history.HistoryPage, BusFailure | Refusal>> {
    const place = before === '' ? undefined : placeOf(before);
    if (before !== '' && place === undefined) return err(refusal(400, 'Bad Cursor', 'expected a cursor of this room'));
    const last = await this.stream.last(historySubject(room));
    if (!last.ok) return last;
    if (last.value === undefined) return ok({ items: [], next: '' });
    const newest = { sequence: last.value.sequence, batch: last.value.message };
    const oldest = Math.max(1, nextNumber(newest.batch) - kept);
    const page = new RoomPage({ limit, since, oldest, octets: pageOctets, contents: pageContents });
    let at =
      place === undefined || place.sequence === newest.sequence ? newest : await this.batchAt(room, place.sequence);
    let index = place?.index ?? Infinity;
    while (at !== undefined && page.take(at, index)) {
      at = await this.batchAt(room, at.batch.before);
      index = Infinity;
    }
    return ok(page.finish(at !== undefined));
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
    for (;;) {
      const oldest = await this.stream.next(subject, 0);
      if (!oldest.ok) return oldest;
      if (oldest.value === undefined) return ok(undefined);
      await this.drop({ sequence: oldest.value.sequence, batch: oldest.value.message });
    }
  }

  /** Forgets where the history of a room ends; it is looked up when it is needed again. */
  close(room: string): void {
    this.tails.delete(room);
  }

  private async trim(room: string, oldest: number): Promise<void> {
    if (oldest <= 1) return;
    for (let left = trimmedAtOnce; left > 0; left--) {
      const first = await this.stream.next(historySubject(room), 0);
      if (!first.ok || first.value === undefined || nextNumber(first.value.message) > oldest) return;
      await this.drop({ sequence: first.value.sequence, batch: first.value.message });
    }
  }

  private async drop({ sequence, batch }: StoredBatch): Promise<void> {
    await this.stream.remove(sequence);
    for (const { object } of batch.entries) if (object !== '') await this.objects.remove(object);
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
