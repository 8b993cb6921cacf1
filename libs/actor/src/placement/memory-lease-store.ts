import { err, ok } from '@parley/prelude';
import type { Clock, Result, TransportFailure } from '@parley/prelude';
import type { LeaseConflict, LeaseEntry, LeaseRecord, LeaseStore, LeaseWrite } from './lease-store.ts';

interface Stored extends LeaseEntry {
  readonly until: number;
}

/** {@link LeaseStore} in memory: for tests, and the reference of what an adapter does. */
export class MemoryLeaseStore implements LeaseStore {
  private readonly clock: Clock;
  private readonly lease: number;
  private readonly stored = new Map<string, Stored>();
  private readonly watchers = new Set<{ readonly prefix: string; readonly changed: () => void }>();
  private revision = 0;

  /** @param lease - milliseconds a record lives after its last write */
  constructor(clock: Clock, lease: number) {
    this.clock = clock;
    this.lease = lease;
  }

  create(key: string, record: LeaseRecord): Promise<LeaseWrite> {
    return Promise.resolve(this.put(key, record, undefined));
  }

  update(key: string, record: LeaseRecord, revision: number): Promise<LeaseWrite> {
    return Promise.resolve(this.put(key, record, revision));
  }

  delete(key: string, revision: number): Promise<Result<undefined, LeaseConflict | TransportFailure>> {
    if (this.live(key)?.revision !== revision) return Promise.resolve(conflict(key));
    this.stored.delete(key);
    this.revision++;
    this.tell(key);
    return Promise.resolve(ok(undefined));
  }

  list(prefix: string): Promise<Result<readonly LeaseEntry[], TransportFailure>> {
    const entries = [...this.stored.keys()]
      .filter((key) => key.startsWith(prefix))
      .flatMap((key) => this.live(key) ?? []);
    return Promise.resolve(ok(entries));
  }

  watch(prefix: string, changed: () => void): () => void {
    const watcher = { prefix, changed };
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private live(key: string): Stored | undefined {
    const entry = this.stored.get(key);
    return entry !== undefined && this.clock.now() < entry.until ? entry : undefined;
  }

  private put(key: string, record: LeaseRecord, expected: number | undefined): LeaseWrite {
    if (this.live(key)?.revision !== expected) return conflict(key);
    const revision = ++this.revision;
    this.stored.set(key, { key, record, revision, until: this.clock.now() + this.lease });
    if (expected === undefined) this.tell(key);
    return ok(revision);
  }

  private tell(key: string): void {
    for (const { prefix, changed } of this.watchers) if (key.startsWith(prefix)) changed();
  }
}

function conflict(key: string): { readonly ok: false; readonly error: LeaseConflict } {
  return err({ kind: 'LeaseConflict', key });
}
