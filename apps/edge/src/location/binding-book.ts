import type { Bucket, BucketEvent, Bus, BusFailure } from '@parley/bus';
import { bindingKey, bindingsPrefix, buckets, decodeToken, edge } from '@parley/contracts';
import type { Cancel, Clock, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { bindingFromRecord, bindingToRecord } from '../adapters/binding-record.ts';
import type { Binding } from '../registrar/binding.ts';
import { isOnConnection } from '../registrar/binding.ts';

const none: readonly Binding[] = [];

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
  private readonly byName = new Map<string, readonly Binding[]>();
  /** Revision of each key of the copy. */
  private readonly revisions = new Map<string, number>();
  private readonly stopWatching: Cancel;
  private stopSweeping: Cancel;
  private sweeps = 0;
  private readonly boundListeners = new Set<(name: string) => void>();
  /** Settles once the copy holds all that existed when the book was opened. */
  readonly filled: Promise<void>;

  /** @param instance - this edge, which takes out of the store what expired here */
  constructor(bus: Bus, clock: Clock, instance: string) {
    this.clock = clock;
    this.instance = instance;
    this.bucket = bus.bucket(buckets.bindings, edge.BindingRecord);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.filled = promise;
    const watch = this.bucket.watch('', {
      changed: (event) => {
        this.hear(event);
      },
      ready: () => {
        resolve(undefined);
      },
    });
    this.stopWatching = () => {
      watch.stop();
    };
    this.stopSweeping = clock.after(sweepInterval, this.sweep);
  }

  /** Bindings of an account that have not expired. */
  live(name: string): readonly Binding[] {
    const bindings = this.byName.get(name);
    if (bindings === undefined) return none;
    const now = this.clock.wallTime();
    for (const { expiresAt } of bindings) {
      if (expiresAt <= now) return bindings.filter((binding) => binding.expiresAt > now);
    }
    return bindings;
  }

  /** Bindings that have not expired. */
  get size(): number {
    let count = 0;
    for (const name of this.byName.keys()) count += this.live(name).length;
    return count;
  }

  /**
   * Writes what a REGISTER changed; in the copy once all of it is acknowledged. When a write fails, those that went
   * through are undone as far as the store can be reached. @spec RFC 3261 §10.3 step 7 (all or nothing)
   */
  async apply(name: string, change: BindingChange): Promise<Result<void, BusFailure>> {
    const before = this.byName.get(name) ?? none;
    const [puts, deletes] = await Promise.all([
      Promise.all(change.stored.map((binding) => this.put(name, binding))),
      Promise.all(change.removed.map(({ key }) => this.bucket.delete(bindingKey(name, key)))),
    ]);
    const failed = [...puts, ...deletes].find((write) => !write.ok);
    if (failed?.ok === false) {
      await this.undo(name, change, before);
      return failed;
    }
    change.stored.forEach((binding, i) => {
      const put = puts[i];
      if (put?.ok === true) this.keep(name, binding, put.value);
    });
    for (const { key } of change.removed) this.forget(name, key);
    return ok(undefined);
  }

  /** Ends every binding of an account, also those that this copy has not heard of yet. */
  async removeAll(name: string): Promise<Result<void, BusFailure>> {
    const keys = await this.bucket.keys(bindingsPrefix(name));
    if (!keys.ok) return keys;
    for (const deleted of await Promise.all(keys.value.map((key) => this.bucket.delete(key)))) {
      if (!deleted.ok) return deleted;
    }
    for (const { key } of this.byName.get(name) ?? none) this.forget(name, key);
    return ok(undefined);
  }

  /** Ends those bindings of the accounts that `isOver` picks, unless they were refreshed elsewhere meanwhile. */
  async end(names: Iterable<string>, isOver: (binding: Binding) => boolean): Promise<number> {
    const ended: Promise<boolean>[] = [];
    for (const name of names) {
      for (const binding of this.byName.get(name) ?? none) if (isOver(binding)) ended.push(this.endOne(name, binding));
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

  /** Accounts that the copy has bindings of. */
  names(): Iterable<string> {
    return this.byName.keys();
  }

  [Symbol.dispose](): void {
    this.stopWatching();
    this.stopSweeping();
  }

  private put(name: string, binding: Binding): Promise<Result<number, BusFailure>> {
    return this.bucket.put(bindingKey(name, binding.key), bindingToRecord(name, binding));
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
    const deleted = await this.bucket.delete(key, revision);
    if (!deleted.ok || deleted.value.outcome === 'conflict') return false;
    if (this.revisions.get(key) === revision) this.forget(name, binding.key);
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
    if (event.kind === 'delete') this.forget(name.value, binding);
    else if (event.revision >= (this.revisions.get(event.key) ?? 0)) this.learn(name.value, binding, event);
  }

  private learn(name: string, key: string, event: { readonly value: edge.BindingRecord; revision: number }): void {
    const binding = bindingFromRecord(key, event.value);
    if (binding.ok) this.keep(name, binding.value, event.revision);
  }

  private keep(name: string, binding: Binding, revision: number): void {
    const others = (this.byName.get(name) ?? none).filter(({ key }) => key !== binding.key);
    this.byName.set(name, [...others, binding]);
    this.revisions.set(bindingKey(name, binding.key), revision);
    for (const listener of this.boundListeners) listener(name);
  }

  private forget(name: string, key: string): void {
    this.revisions.delete(bindingKey(name, key));
    const left = (this.byName.get(name) ?? none).filter((binding) => binding.key !== key);
    if (left.length > 0) this.byName.set(name, left);
    else this.byName.delete(name);
  }
}
