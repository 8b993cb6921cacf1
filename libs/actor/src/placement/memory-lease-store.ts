import { err, ok } from '@parley/prelude';
import type { Cancel, Clock } from '@parley/prelude';
import type { LeaseConflict, LeaseEntry, LeaseRecord, LeaseStore, LeaseWatcher, LeaseWrite } from './lease-store.ts';

/** {@link LeaseStore} in memory: for tests, and the reference of what an adapter does. */
export class MemoryLeaseStore implements LeaseStore {
  private readonly clock: Clock;
  private readonly stored = new Map<string, LeaseEntry>();
  private readonly watchers = new Set<{ readonly prefix: string; readonly watcher: LeaseWatcher }>();
  private revision = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  create(key: string, record: LeaseRecord): Promise<LeaseWrite> {
    return Promise.resolve(this.put(key, record, undefined));
  }

  update(key: string, record: LeaseRecord, revision: number): Promise<LeaseWrite> {
    return Promise.resolve(this.put(key, record, revision));
  }

  delete(key: string, revision: number): Promise<LeaseWrite> {
    if (this.stored.get(key)?.revision !== revision) return Promise.resolve(conflict(key));
    this.stored.delete(key);
    const deletion = ++this.revision;
    for (const { prefix, watcher } of this.watchers) if (key.startsWith(prefix)) watcher.deleted(key, deletion);
    return Promise.resolve(ok(deletion));
  }

  watch(prefix: string, watcher: LeaseWatcher): Cancel {
    const watching = { prefix, watcher };
    this.watchers.add(watching);
    for (const entry of this.stored.values()) if (entry.key.startsWith(prefix)) watcher.told(entry);
    watcher.ready();
    return () => {
      this.watchers.delete(watching);
    };
  }

  private put(key: string, record: LeaseRecord, expected: number | undefined): LeaseWrite {
    if (this.stored.get(key)?.revision !== expected) return conflict(key);
    const entry = { key, record, revision: ++this.revision, storedAt: this.clock.wallTime() };
    this.stored.set(key, entry);
    for (const { prefix, watcher } of this.watchers) if (key.startsWith(prefix)) watcher.told(entry);
    return ok(entry.revision);
  }
}

function conflict(key: string): { readonly ok: false; readonly error: LeaseConflict } {
  return err({ kind: 'LeaseConflict', key });
}
