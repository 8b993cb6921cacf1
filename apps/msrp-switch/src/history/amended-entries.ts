import type { Bucket, Bus, BusFailure } from '@parley/bus';
import { busFailure } from '@parley/bus';
import { buckets, history, historyAmendmentsKey, historyAmendmentsPrefix } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';

/** Messages whose amendments share a record: a page needs one or two, and a record with 64 of the largest fits into its bucket. */
const rangeSize = 64;

/** Writers of other switches that may come first before a write is given up. */
const tries = 8;

/** What is known of the amendments to one room while its history is read: each range is fetched once. */
export class AmendmentsInView {
  private readonly bucket: Bucket<history.AmendedMessages>;
  private readonly room: string;
  private readonly byNumber = new Map<number, history.AmendedMessage>();
  private readonly ranges = new Set<number>();

  constructor(bucket: Bucket<history.AmendedMessages>, room: string) {
    this.bucket = bucket;
    this.room = room;
  }

  /** Fetches what is needed for the entries of a batch. */
  async cover({ first, entries }: history.HistoryBatch): Promise<Result<void, BusFailure>> {
    for (let range = rangeOf(first); range <= rangeOf(first + entries.length - 1); range++) {
      if (this.ranges.has(range)) continue;
      const found = await this.bucket.get(historyAmendmentsKey(this.room, range));
      if (!found.ok) return found;
      this.ranges.add(range);
      for (const item of found.value?.value.items ?? []) this.byNumber.set(item.number, item);
    }
    return ok(undefined);
  }

  /** The entry as it is now. */
  view(number: number, entry: history.HistoryEntry): history.HistoryEntry {
    const amended = this.byNumber.get(number);
    return amended === undefined ? entry : amendedEntry(entry, amended);
  }
}

/** What took the place of entries of histories, by ranges of their numbers: the history itself is only added to. */
export class AmendedEntries {
  private readonly bucket: Bucket<history.AmendedMessages>;

  constructor(bus: Bus) {
    this.bucket = bus.bucket(buckets.historyAmendments, history.AmendedMessages);
  }

  /** For one reading. */
  of(room: string): AmendmentsInView {
    return new AmendmentsInView(this.bucket, room);
  }

  /** All of a room. */
  async all(room: string): Promise<Result<readonly history.AmendedMessage[], BusFailure>> {
    const found = await this.bucket.entries(historyAmendmentsPrefix(room));
    return found.ok ? ok(found.value.flatMap(({ value }) => value.items)) : found;
  }

  /**
   * Changes what is known of one entry, whoever else writes.
   *
   * @param change - gives what is to be kept; undefined: it stays as it is
   * @returns what was there before
   */
  async change(
    room: string,
    number: number,
    change: (before: history.AmendedMessage | undefined) => history.AmendedMessage | undefined,
  ): Promise<Result<history.AmendedMessage | undefined, BusFailure>> {
    const key = historyAmendmentsKey(room, rangeOf(number));
    for (let left = tries; left > 0; left--) {
      const found = await this.bucket.get(key);
      if (!found.ok) return found;
      const items = found.value?.value.items ?? [];
      const before = items.find((item) => item.number === number);
      const after = change(before);
      if (after === undefined) return ok(before);
      const value = { items: [...items.filter((item) => item.number !== number), after] };
      const revision = found.value?.revision;
      const written =
        revision === undefined ? await this.bucket.create(key, value) : await this.bucket.update(key, value, revision);
      if (!written.ok) return written;
      if (written.value.outcome === 'created' || written.value.outcome === 'updated') return ok(before);
    }
    return err(busFailure('store', 'other switches amend messages of this room all the time'));
  }

  /** Forgets what concerns entries in front of `oldest` alone. @returns names of objects that nobody needs any more */
  async trim(room: string, oldest: number): Promise<readonly string[]> {
    const keys = await this.bucket.keys(historyAmendmentsPrefix(room));
    const old = (keys.ok ? keys.value : []).filter((key) => Number(key.split('.').at(-1)) < rangeOf(oldest));
    return (await Promise.all(old.map((key) => this.remove(key)))).flat();
  }

  /** Forgets all of a room. @returns names of objects that nobody needs any more */
  async forget(room: string): Promise<Result<readonly string[], BusFailure>> {
    const keys = await this.bucket.keys(historyAmendmentsPrefix(room));
    if (!keys.ok) return keys;
    return ok((await Promise.all(keys.value.map((key) => this.remove(key)))).flat());
  }

  private async remove(key: string): Promise<readonly string[]> {
    const found = await this.bucket.get(key);
    await this.bucket.delete(key);
    const items = found.ok ? (found.value?.value.items ?? []) : [];
    return items.flatMap(({ object }) => (object === '' ? [] : [object]));
  }
}

function rangeOf(number: number): number {
  return Math.floor(number / rangeSize);
}

/** What stands in the place of an entry: other content, or the mark that there was some. */
function amendedEntry(entry: history.HistoryEntry, amended: history.AmendedMessage): history.HistoryEntry {
  const { contentType, head, content, object, size, recalled } = amended;
  if (recalled) return { ...entry, head: nothing, content: nothing, object: '', size: 0, recalled: true };
  return { ...entry, contentType, head, content, object, size, replaced: true };
}

const nothing = new Uint8Array();
