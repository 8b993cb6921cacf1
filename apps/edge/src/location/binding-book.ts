import type { Bucket, BucketEvent, Bus, BusFailure, Following } from '@parley/bus';
import { followBucket } from '@parley/bus';
import { bindingKey, bindingsPrefix, buckets, decodeToken, edge } from '@parley/contracts';
import type { Cancel, Clock, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { bindingFromRecord, bindingToRecord } from '../adapters/binding-record.ts';
import type { Binding } from '../registrar/binding.ts';
import { isOnConnection, isTarget } from '../registrar/binding.ts';

const none: readonly Binding[] = [];

/** What an account has registered. */
interface Registered {
  readonly all: readonly Binding[];
  /** Those of them that requests to the account go to. */
  readonly targets: readonly Binding[];
}

/** Why a binding ended, where this edge knows. */
export type BindingEnd = 'unregistered' | 'expired' | 'flow lost' | 'account removed';

/** What happened to one binding. @spec RFC 3680 §4.7.1 */
export type BindingEvent =
  | { readonly kind: 'registered' | 'refreshed'; readonly binding: Binding }
  | { readonly kind: BindingEnd; readonly binding: Binding };

/** How often bindings whose time is over leave the store, in milliseconds; look-ups pass over them at once. */
const sweepInterval = 5_000;

/** After this time, in milliseconds, anybody takes out what expired: its own edge is gone. */
const orphanAge = 60_000;
/** Marks of deletion older than this, in milliseconds, are of no use to any watcher. */
const purgeAge = 600_000;
const sweepsPerPurge = purgeAge / sweepInterval;

/** What a REGISTER changes in the store. */
export interface BindingChange {
  readonly stored: readonly Binding[];
  readonly removed: readonly Binding[];
}

/**
 * Where users can be reached, from a watched copy of the bucket: a look-up waits for nothing. Keyed by account name.
 * What ends by itself (expiry, a closed connection) is deleted at the revision that was seen, so that a refresh that
 * another edge takes at the same moment wins.
 *
 * @spec RFC 3261 §10 (location service)
 */
export class BindingBook implements Disposable {
  private readonly bucket: Bucket<edge.BindingRecord>;
  private readonly clock: Clock;
  private readonly instance: string;
  private readonly byName = new Map<string, Registered>();
  /** Revision of each key of the copy. */
  private readonly revisions = new Map<string, number>();
  private readonly following: Following;
  private stopSweeping: Cancel;
  private sweeps = 0;
  private readonly boundListeners = new Set<(name: string) => void>();
  /** Keys that this edge is deleting. */
  private readonly deleting = new Set<string>();
  private readonly takenListeners = new Set<(binding: Binding) => void>();
  private readonly listeners = new Set<(name: string, event: BindingEvent) => void>();

  /** @param instance - this edge, which takes out of the store what expired here */
  constructor(bus: Bus, clock: Clock, instance: string) {
    this.clock = clock;
    this.instance = instance;
    this.bucket = bus.bucket(buckets.bindings, edge.BindingRecord);
    this.following = followBucket(this.bucket, (event) => {
      this.hear(event);
    });
    this.stopSweeping = clock.after(sweepInterval, this.sweep);
  }

  /** Settles once the copy holds all that existed when the book was opened. */
  get filled(): Promise<void> {
    return this.following.filled;
  }

  /** Bindings of an account that requests to it go to and that have not expired. */
  live(name: string): readonly Binding[] {
    const registered = this.byName.get(name);
    return registered === undefined ? none : this.unexpired(registered.targets);
  }

  /** What the registrar tells of an account: all that has not expired, for rooms or for everything else. */
  registered(name: string, forRooms: boolean): readonly Binding[] {
    return this.unexpired(this.allOf(name)).filter((binding) => binding.forRooms === forRooms);
  }

  /** Whether anything is stored for an account, expired or not. */
  has(name: string): boolean {
    return this.byName.has(name);
  }

  /** Bindings of this edge that have not expired; those of others are counted there. */
  get ownSize(): number {
    const now = this.clock.wallTime();
    let count = 0;
    for (const { all } of this.byName.values()) {
      for (const { expiresAt, edgeInstance } of all) if (expiresAt > now && edgeInstance === this.instance) count++;
    }
    return count;
  }

  /**
   * Writes what a REGISTER changed; in the copy once all of it is acknowledged. When a write fails, those that went
   * through are undone as far as the store can be reached. @spec RFC 3261 §10.3 step 7 (all or nothing)
   */
  async apply(name: string, change: BindingChange): Promise<Result<void, BusFailure>> {
    const before = this.allOf(name);
    const [puts, deletes] = await Promise.all([
      Promise.all(change.stored.map((binding) => this.write(name, binding, before))),
      Promise.all(change.removed.map(({ key }) => this.delete(bindingKey(name, key)))),
    ]);
    const failed = [...puts, ...deletes].find((write) => !write.ok);
    if (failed?.ok === false) {
      await this.undo(name, change, before);
      return failed;
    }
    change.stored.forEach((binding, i) => {
      const put = puts[i];
      if (put?.ok === true && put.value !== undefined) this.keep(name, binding, put.value);
    });
    for (const { key } of change.removed) this.forget(name, key, 'unregistered');
    return ok(undefined);
  }

  /**
   * Ends every binding of an account that is gone, also those that this copy has not heard of yet, and none of a
   * successor by the same name.
   *
   * @param since - when the account was made
   */
  async removeAll(name: string, since: number): Promise<Result<void, BusFailure>> {
    for (;;) {
      const entries = await this.bucket.entries(bindingsPrefix(name));
      if (!entries.ok) return entries;
      const gone = entries.value.filter(({ value }) => value.accountSince <= since);
      const deleted = await Promise.all(gone.map(({ key, revision }) => this.delete(key, revision)));
      const failed = deleted.find((one) => !one.ok);
      if (failed?.ok === false) return failed;
      // Refreshed meanwhile, by either of the two accounts.
      if (!deleted.some((one) => one.ok && one.value.outcome === 'conflict')) break;
    }
    for (const { key, accountSince } of this.allOf(name)) {
      if (accountSince <= since) this.forget(name, key, 'account removed');
    }
    return ok(undefined);
  }

  /** Ends those bindings of the accounts that `isOver` picks, unless they were refreshed elsewhere meanwhile. */
  async end(names: Iterable<string>, isOver: (binding: Binding) => boolean): Promise<number> {
    const ended: Promise<boolean>[] = [];
    for (const name of names) {
      for (const binding of this.allOf(name)) if (isOver(binding)) ended.push(this.endOne(name, binding));
    }
    return (await Promise.all(ended)).filter(Boolean).length;
  }

  /** Ends what lived on connections of an earlier life of this edge under the same name. */
  async endEarlierLife(): Promise<void> {
    const { instance } = this;
    await this.end(this.byName.keys(), (binding) => binding.edgeInstance === instance && isOnConnection(binding));
  }

  /** Hears of each binding that is made or refreshed, at whichever edge, once the copy has it. */
  onBound(listener: (name: string) => void): void {
    this.boundListeners.add(listener);
  }

  /** Hears of whatever happens to a binding, at whichever edge, once the copy has it; not of what it was opened with. */
  onChange(listener: (name: string, event: BindingEvent) => void): void {
    this.listeners.add(listener);
  }

  /** Hears of bindings on connections of this edge that another edge ended. */
  onTaken(listener: (binding: Binding) => void): void {
    this.takenListeners.add(listener);
  }

  /** Bindings of the copy, each with its account. */
  *bindings(): Iterable<readonly [name: string, binding: Binding]> {
    for (const [name, { all }] of this.byName) for (const binding of all) yield [name, binding];
  }

  /** Accounts that the copy has bindings of. */
  names(): Iterable<string> {
    return this.byName.keys();
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
    this.stopSweeping();
  }

  /**
   * Writes a binding that a REGISTER made or refreshed. One that it only changed in passing gives way to a refresh at
   * another edge.
   *
   * @returns the revision, undefined when it gave way
   */
  private async write(
    name: string,
    binding: Binding,
    before: readonly Binding[],
  ): Promise<Result<number | undefined, BusFailure>> {
    const known = before.find(({ key }) => key === binding.key);
    const isInPassing = known?.callId === binding.callId && known.cSeq === binding.cSeq;
    const key = bindingKey(name, binding.key);
    const revision = isInPassing ? this.revisions.get(key) : undefined;
    if (revision === undefined) return await this.put(name, binding);
    const updated = await this.bucket.update(key, bindingToRecord(name, binding), revision);
    return updated.ok ? ok(updated.value.outcome === 'updated' ? updated.value.revision : undefined) : updated;
  }

  private put(name: string, binding: Binding): Promise<Result<number, BusFailure>> {
    return this.bucket.put(bindingKey(name, binding.key), bindingToRecord(name, binding));
  }

  private async delete(key: string, revision?: number): ReturnType<Bucket<edge.BindingRecord>['delete']> {
    this.deleting.add(key);
    try {
      return await this.bucket.delete(key, revision);
    } finally {
      this.deleting.delete(key);
    }
  }

  private async undo(name: string, change: BindingChange, before: readonly Binding[]): Promise<void> {
    const touched = new Set([...change.stored, ...change.removed].map(({ key }) => key));
    const added = change.stored.filter(({ key }) => !before.some((binding) => binding.key === key));
    await Promise.all([
      ...before.filter(({ key }) => touched.has(key)).map((binding) => this.put(name, binding)),
      ...added.map(({ key }) => this.bucket.delete(bindingKey(name, key))),
    ]);
  }

  private async endOne(name: string, binding: Binding): Promise<boolean> {
    const key = bindingKey(name, binding.key);
    const revision = this.revisions.get(key);
    const deleted = await this.delete(key, revision);
    if (!deleted.ok || deleted.value.outcome === 'conflict') return false;
    if (this.revisions.get(key) === revision) this.forget(name, binding.key, 'flow lost');
    return true;
  }

  private readonly sweep = (): void => {
    const now = this.clock.wallTime();
    void this.end(
      this.byName.keys(),
      ({ expiresAt, edgeInstance }) => expiresAt + (edgeInstance === this.instance ? 0 : orphanAge) <= now,
    );
    if (++this.sweeps % sweepsPerPurge === 0) void this.bucket.sweep(purgeAge);
    this.stopSweeping = this.clock.after(sweepInterval, this.sweep);
  };

  private hear(event: BucketEvent<edge.BindingRecord>): void {
    const binding = event.key.slice(event.key.indexOf('.') + 1);
    const name = decodeToken(event.key.slice(0, event.key.indexOf('.')));
    if (!name.ok) return;
    if (event.kind === 'delete') this.hearDeleted(name.value, binding, event.key);
    else if (event.revision >= (this.revisions.get(event.key) ?? 0)) this.learn(name.value, binding, event);
  }

  private hearDeleted(name: string, key: string, recordKey: string): void {
    const gone = this.allOf(name).find((binding) => binding.key === key);
    const isTaken =
      gone?.edgeInstance === this.instance &&
      isOnConnection(gone) &&
      gone.expiresAt > this.clock.wallTime() &&
      !this.deleting.has(recordKey);
    this.forget(name, key, 'unregistered');
    if (isTaken) for (const listener of this.takenListeners) listener(gone);
  }

  private learn(name: string, key: string, event: { readonly value: edge.BindingRecord; revision: number }): void {
    const binding = bindingFromRecord(key, event.value);
    if (binding.ok) this.keep(name, binding.value, event.revision);
  }

  private keep(name: string, binding: Binding, revision: number): void {
    const all = this.allOf(name);
    const isNew = all.every(({ key }) => key !== binding.key);
    const isNews = this.revisions.get(bindingKey(name, binding.key)) !== revision;
    this.set(name, [...all.filter(({ key }) => key !== binding.key), binding]);
    this.revisions.set(bindingKey(name, binding.key), revision);
    for (const listener of this.boundListeners) listener(name);
    if (isNews) this.tell(name, { kind: isNew ? 'registered' : 'refreshed', binding });
  }

  /** @param end - why, unless its time was over */
  private forget(name: string, key: string, end: BindingEnd): void {
    this.revisions.delete(bindingKey(name, key));
    const all = this.allOf(name);
    const gone = all.find((binding) => binding.key === key);
    if (gone === undefined) return;
    this.set(
      name,
      all.filter((binding) => binding !== gone),
    );
    this.tell(name, { kind: gone.expiresAt <= this.clock.wallTime() ? 'expired' : end, binding: gone });
  }

  private set(name: string, all: readonly Binding[]): void {
    if (all.length > 0) this.byName.set(name, { all, targets: all.every(isTarget) ? all : all.filter(isTarget) });
    else this.byName.delete(name);
  }

  private tell(name: string, event: BindingEvent): void {
    for (const listener of this.listeners) listener(name, event);
  }

  private allOf(name: string): readonly Binding[] {
    return this.byName.get(name)?.all ?? none;
  }

  private unexpired(bindings: readonly Binding[]): readonly Binding[] {
    const now = this.clock.wallTime();
    for (const { expiresAt } of bindings) {
      if (expiresAt <= now) return bindings.filter((binding) => binding.expiresAt > now);
    }
    return bindings;
  }
}
