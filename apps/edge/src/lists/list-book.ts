import type { Bucket, Bus, BusFailure, Following } from '@parley/bus';
import { followBucket, OwnWrites } from '@parley/bus';
import { buckets, listKey, lists } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { listFromRecord, listToRecord } from '../adapters/list-record.ts';
import type { StoredList } from './stored-list.ts';

/** Attempts at a change before somebody else's are left the field. */
const mostAttempts = 5;

/** All stored lists, from a watched copy of their bucket: looking one up waits for nothing. */
export class ListBook implements Disposable {
  private readonly bucket: Bucket<lists.ListRecord>;
  private readonly lists = new Map<string, StoredList>();
  private readonly writes = new OwnWrites();
  private readonly following: Following;
  private hasHidden = false;

  constructor(bus: Bus) {
    this.bucket = bus.bucket(buckets.lists, lists.ListRecord);
    this.following = followBucket(this.bucket, (event) => {
      if (!this.writes.hears(event)) return;
      if (event.kind === 'put') this.keep(event.key, listFromRecord(event.value));
      else this.lists.delete(event.key);
    });
  }

  /** Settles once the copy holds all that existed when the book was opened. */
  get filled(): Promise<void> {
    return this.following.filled;
  }

  /** Whether one that hides its members was ever known here. */
  get everHid(): boolean {
    return this.hasHidden;
  }

  find(name: string): StoredList | undefined {
    return this.lists.size === 0 ? undefined : this.lists.get(listKey(name));
  }

  /** Lists in code unit order of their names, those after `cursor`, at most `limit`. */
  page(cursor: string, limit: number): readonly StoredList[] {
    const after = [...this.lists.values()].filter(({ name }) => name > cursor);
    return after.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
  }

  /** Whether the store has the name now, whatever this copy says. */
  async exists(name: string): Promise<Result<boolean, BusFailure>> {
    const entry = await this.bucket.get(listKey(name));
    return entry.ok ? ok(entry.value !== undefined) : entry;
  }

  /** Stores a list that must not exist; 409 when it does. */
  async add(list: StoredList): Promise<Result<StoredList, Refusal | BusFailure>> {
    const created = await this.bucket.create(listKey(list.name), listToRecord(list));
    if (!created.ok) return created;
    if (created.value.outcome === 'exists') return err(taken);
    this.learn(listKey(list.name), created.value.revision, list);
    return ok(list);
  }

  /** Replaces a list by what `change` makes of it; 404 when there is none. */
  async change(
    name: string,
    change: (list: StoredList) => Result<StoredList, Refusal>,
  ): Promise<Result<StoredList, Refusal | BusFailure>> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const entry = await this.bucket.get(listKey(name));
      if (!entry.ok) return entry;
      if (entry.value === undefined) return err(unknown);
      const changed = change(listFromRecord(entry.value.value));
      if (!changed.ok) return changed;
      const updated = await this.bucket.update(listKey(name), listToRecord(changed.value), entry.value.revision);
      if (!updated.ok) return updated;
      if (updated.value.outcome === 'conflict') continue;
      this.learn(listKey(name), updated.value.revision, changed.value);
      return changed;
    }
    return err(changedElsewhere);
  }

  /** Removes a list; 404 when there is none. */
  async remove(name: string): Promise<Result<void, Refusal | BusFailure>> {
    const exists = await this.exists(name);
    if (!exists.ok) return exists;
    if (!exists.value) return err(unknown);
    const deleted = await this.bucket.delete(listKey(name));
    if (!deleted.ok) return deleted;
    const isNews = deleted.value.outcome === 'deleted' && this.writes.isNews(listKey(name), deleted.value.revision);
    if (isNews) this.lists.delete(listKey(name));
    return ok(undefined);
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }

  /** What was written here, unless the watch has told something newer. */
  private learn(key: string, revision: number, list: StoredList): void {
    if (this.writes.isNews(key, revision)) this.keep(key, list);
  }

  private keep(key: string, list: StoredList): void {
    this.lists.set(key, list);
    this.hasHidden ||= list.hideMembers;
  }
}

const taken = refusal(409, 'Name Taken', 'expected a name that no list has');
const unknown = refusal(404, 'No Such List', 'expected the name of a list');
const changedElsewhere = refusal(409, 'Changed Meanwhile', 'the list was changed by somebody else; try again', 1);
