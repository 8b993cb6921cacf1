import type { BucketDefinition } from '@parley/contracts';
import type { Cancel, Clock } from '@parley/prelude';
import type { Expected, RawEntry, RawWatcher, RawWrite } from '../link.ts';
import { matchesSubject } from './subject-match.ts';

interface Stored extends RawEntry {
  readonly writtenAt: number;
}

interface Watching {
  readonly filter: string;
  readonly watcher: RawWatcher;
}

/** One bucket of the broker; every client sees the same. */
export class MemoryBucket {
  readonly #clock: Clock;
  readonly #ttl: number;
  readonly #entries = new Map<string, Stored>();
  readonly #watching = new Set<Watching>();
  #revision = 0;

  constructor(definition: BucketDefinition, clock: Clock) {
    this.#clock = clock;
    this.#ttl = definition.ttl ?? Infinity;
  }

  /** The newest revision of a key; a deletion is an entry without data. */
  get(key: string): RawEntry | undefined {
    const stored = this.#entries.get(key);
    if (stored === undefined || this.#clock.now() < stored.writtenAt + this.#ttl) return stored;
    this.#entries.delete(key); // as the server does: without an event
    return undefined;
  }

  /** Compare and set. */
  write(key: string, data: Uint8Array | undefined, expected: Expected): RawWrite {
    const current = this.get(key);
    const isFresh = expected === 0 && current?.data === undefined;
    if (expected !== undefined && !isFresh && (current?.revision ?? 0) !== expected) return { kind: 'conflict' };
    const revision = ++this.#revision;
    const [writtenAt, storedAt] = [this.#clock.now(), this.#clock.wallTime()];
    const stored = { key, data: data?.slice(), revision, writtenAt, storedAt };
    this.#entries.set(key, stored);
    for (const { filter, watcher } of this.#watching) if (matchesSubject(filter, key)) watcher.entry(stored);
    return { kind: 'written', revision: stored.revision };
  }

  /** All that exists under a filter. */
  list(filter: string, withData: boolean): readonly RawEntry[] {
    return [...this.#entries.keys()]
      .filter((key) => matchesSubject(filter, key))
      .flatMap((key) => this.get(key) ?? [])
      .filter((entry) => entry.data !== undefined)
      .map((entry) => (withData ? entry : { ...entry, data: undefined }));
  }

  /** Tells a snapshot, then each write. */
  watch(filter: string, watcher: RawWatcher): Cancel {
    const watching = { filter, watcher };
    this.#watching.add(watching);
    watcher.restarted();
    for (const entry of this.list(filter, true)) watcher.entry(entry);
    watcher.synced();
    return () => {
      this.#watching.delete(watching);
    };
  }

  /** Forgets deletions older than `age` milliseconds. */
  sweep(age: number): number {
    const old = [...this.#entries.values()].filter(
      (stored) => stored.data === undefined && stored.writtenAt + age <= this.#clock.now(),
    );
    for (const { key } of old) this.#entries.delete(key);
    return old.length;
  }
}
