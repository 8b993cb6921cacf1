import type { Bucket, BucketEvent, Bus, BusFailure, Following } from '@parley/bus';
import { followBucket, OwnWrites } from '@parley/bus';
import { bindingKey, bindingsPrefix, buckets, decodeToken, edge } from '@parley/contracts';
import type { Cancel, Clock, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { bindingFromRecord, bindingToRecord } from '../adapters/binding-record.ts';
import { SharedTexts } from '../adapters/shared-texts.ts';
import type { Binding } from '../registrar/binding.ts';
import { isOnConnection } from '../registrar/binding.ts';
import type { AccountEntries } from './account-entries.ts';
import { BindingCopy } from './binding-copy.ts';

export type { BindingEnd, BindingEvent } from './binding-copy.ts';

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
export class BindingBook extends BindingCopy implements Disposable {
  private readonly bucket: Bucket<edge.BindingRecord>;
  private readonly writes = new OwnWrites();
  private readonly texts = new SharedTexts();
  private readonly following: Following;
  private stopSweeping: Cancel;
  private sweeps = 0;
  /** Keys that this edge is deleting, and the store has not acknowledged. */
  private readonly deleting = new Set<string>();
  private readonly takenListeners = new Set<(binding: Binding) => void>();

  /** @param instance - this edge, which takes out of the store what expired here */
  constructor(bus: Pick<Bus, 'bucket'>, clock: Clock, instance: string, entries: AccountEntries) {
    super(clock, instance, entries);
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
      const revision = put?.ok === true ? put.value : undefined;
      if (revision !== undefined && this.writes.isNews(bindingKey(name, binding.key), revision))
        this.keep(name, binding, revision);
    });
    change.removed.forEach(({ key }, i) => {
      const deleted = deletes[i];
      const revision = deleted?.ok === true && deleted.value.outcome === 'deleted' ? deleted.value.revision : 0;
      // What another edge has registered since is none of it.
      if ((this.revisionOf(name, key) ?? Infinity) < revision) this.forget(name, key, 'unregistered');
    });
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
    const over: (readonly [string, Binding])[] = [];
    for (const name of names) {
      for (const binding of this.allOf(name)) if (isOver(binding)) over.push([name, binding]);
    }
    return await this.endAll(over);
  }

  /** Ends what lived on connections of an earlier life of this edge under the same name. */
  async endEarlierLife(): Promise<void> {
    const { instance } = this;
    await this.end(this.names(), (binding) => binding.edgeInstance === instance && isOnConnection(binding));
  }

  /** Hears of bindings on connections of this edge that another edge ended. */
  onTaken(listener: (binding: Binding) => void): void {
    this.takenListeners.add(listener);
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
    const revision = isInPassing ? this.revisionOf(name, binding.key) : undefined;
    if (revision === undefined) return await this.put(name, binding);
    const updated = await this.bucket.update(bindingKey(name, binding.key), bindingToRecord(name, binding), revision);
    return updated.ok ? ok(updated.value.outcome === 'updated' ? updated.value.revision : undefined) : updated;
  }

  private put(name: string, binding: Binding): Promise<Result<number, BusFailure>> {
    return this.bucket.put(bindingKey(name, binding.key), bindingToRecord(name, binding));
  }

  private async delete(key: string, revision?: number): ReturnType<Bucket<edge.BindingRecord>['delete']> {
    this.deleting.add(key);
    try {
      const deleted = await this.bucket.delete(key, revision);
      if (deleted.ok && deleted.value.outcome === 'deleted') this.writes.isNews(key, deleted.value.revision);
      return deleted;
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

  private async endAll(over: readonly (readonly [name: string, binding: Binding])[]): Promise<number> {
    return (await Promise.all(over.map(([name, binding]) => this.endOne(name, binding)))).filter(Boolean).length;
  }

  private async endOne(name: string, binding: Binding): Promise<boolean> {
    const revision = this.revisionOf(name, binding.key);
    const deleted = await this.delete(bindingKey(name, binding.key), revision);
    if (!deleted.ok || deleted.value.outcome === 'conflict') return false;
    if (this.revisionOf(name, binding.key) === revision) this.forget(name, binding.key, 'flow lost');
    return true;
  }

  private readonly sweep = (): void => {
    const now = this.clock.wallTime();
    const isOver = ({ expiresAt, edgeInstance }: Binding): boolean =>
      edgeInstance === this.instance || expiresAt + orphanAge <= now;
    void this.endAll([...this.expired(now)].filter(([, binding]) => isOver(binding)));
    if (++this.sweeps % sweepsPerPurge === 0) void this.bucket.sweep(purgeAge);
    this.stopSweeping = this.clock.after(sweepInterval, this.sweep);
  };

  private hear(event: BucketEvent<edge.BindingRecord>): void {
    const binding = event.key.slice(event.key.indexOf('.') + 1);
    const name = decodeToken(event.key.slice(0, event.key.indexOf('.')));
    const isOwn = this.writes.isOwn(event) || this.deleting.has(event.key);
    if (!name.ok || !this.writes.hears(event)) return;
    if (event.kind === 'delete') this.hearDeleted(name.value, binding, isOwn);
    else this.learn(name.value, binding, event);
  }

  private hearDeleted(name: string, key: string, isOwn: boolean): void {
    const gone = this.allOf(name).find((binding) => binding.key === key);
    const isTaken =
      gone?.edgeInstance === this.instance && isOnConnection(gone) && gone.expiresAt > this.clock.wallTime() && !isOwn;
    this.forget(name, key, 'unregistered');
    if (isTaken) for (const listener of this.takenListeners) listener(gone);
  }

  private learn(name: string, key: string, event: { readonly value: edge.BindingRecord; revision: number }): void {
    const binding = bindingFromRecord(key, event.value, this.texts);
    if (binding.ok) this.keep(name, binding.value, event.revision);
  }
}
