import type { BucketEntry, BucketEvent, BucketWatch, BucketWatcher } from './bucket.ts';
import type { RawBucket, RawEntry } from './link.ts';
import type { BusLogger } from './logger.ts';

/** What is watched, and how it is read. */
export interface WatchPlan<T> {
  readonly prefix: string;
  readonly filter: string;
  readonly read: (raw: RawEntry) => BucketEntry<T> | undefined;
}

/**
 * Watches a bucket across reconnects: remembers the revision told of each key, and at each new snapshot tells only what is
 * new and, at its end, which keys are gone. (Resuming at a revision would miss what the TTL removed, and a store that was
 * made anew.)
 */
export function watchBucket<T>(
  raw: RawBucket,
  plan: WatchPlan<T>,
  watcher: BucketWatcher<T>,
  logger: BusLogger,
): BucketWatch {
  const known = new Map<string, number>();
  let unseen: Set<string> | undefined;
  let isReady = false;
  const tell = (event: BucketEvent<T>, storedAt: number): void => {
    try {
      watcher.changed(event, storedAt);
    } catch (fault) {
      logger.error({ key: event.key, err: fault }, 'watcher failed');
    }
  };
  /** Its making may never have been told, where both were in quick succession: whoever made it has to hear. */
  const deleted = ({ key, revision, storedAt }: RawEntry): void => {
    if (known.delete(key) || isReady) tell({ kind: 'delete', key, revision }, storedAt);
  };
  const stop = raw.watch(plan.filter, {
    restarted: () => {
      unseen = new Set(known.keys());
    },
    entry: (entry) => {
      if (!entry.key.startsWith(plan.prefix)) return;
      unseen?.delete(entry.key);
      const value = plan.read(entry);
      if (value === undefined) {
        deleted(entry);
      } else if (known.get(entry.key) !== entry.revision) {
        known.set(entry.key, entry.revision);
        tell({ kind: 'put', ...value }, entry.storedAt);
      }
    },
    synced: () => {
      for (const key of unseen ?? []) if (known.delete(key)) tell({ kind: 'delete', key }, 0);
      unseen = undefined;
      if (isReady) return;
      isReady = true;
      watcher.ready?.();
    },
  });
  return { stop };
}
