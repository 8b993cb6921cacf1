import type { LeaseConflict, LeaseRecord, LeaseStore, LeaseWatcher } from '@parley/actor';
import { buckets, lease } from '@parley/contracts';
import { err, ok } from '@parley/prelude';
import type { BucketWatcher } from './bucket.ts';
import type { Bus } from './bus.ts';

/** Age at which the marks of leases that ended are forgotten, milliseconds: far above what a watch may be behind. */
const forgottenAfter = 3_600_000;

/** The records of placement in their bucket, where `create`, `update` and `delete` are compare-and-set. */
export function leaseStore(bus: Pick<Bus, 'bucket'>): LeaseStore {
  const bucket = bus.bucket(buckets.placement, lease.PlacementRecord);
  return {
    create: async (key, record) => {
      const created = await bucket.create(key, toWire(record));
      if (!created.ok) return created;
      return created.value.outcome === 'created' ? ok(created.value.revision) : err(conflict(key));
    },
    update: async (key, record, revision) => {
      const updated = await bucket.update(key, toWire(record), revision);
      if (!updated.ok) return updated;
      return updated.value.outcome === 'updated' ? ok(updated.value.revision) : err(conflict(key));
    },
    delete: async (key, revision) => {
      const deleted = await bucket.delete(key, revision);
      if (!deleted.ok) return deleted;
      return deleted.value.outcome === 'deleted' ? ok(deleted.value.revision) : err(conflict(key));
    },
    watch: (prefix, watcher) => {
      const watch = bucket.watch(prefix, {
        ready: () => {
          watcher.ready();
          void bucket.sweep(forgottenAfter);
        },
        changed: telling(watcher),
      });
      return () => {
        watch.stop();
      };
    },
  };
}

/** Tells of a key whose revision falls, which the loss of files alone makes it do, as gone before it tells what is there now. */
function telling(watcher: LeaseWatcher): BucketWatcher<lease.PlacementRecord>['changed'] {
  const toldOf = new Map<string, number>();
  return (event, storedAt) => {
    const { key, revision } = event;
    const isAnew = revision !== undefined && revision < (toldOf.get(key) ?? 0);
    if (event.kind === 'delete') {
      toldOf.delete(key);
      watcher.deleted(key, isAnew ? undefined : revision);
      return;
    }
    toldOf.set(key, event.revision);
    if (isAnew) watcher.deleted(key, undefined);
    const record = fromWire(event.value);
    if (record !== undefined) watcher.told({ key, record, revision: event.revision, storedAt });
  };
}

function toWire(record: LeaseRecord): lease.PlacementRecord {
  if (record.kind === 'table') return { record: { kind: 'table', value: { holdings: record.holdings } } };
  const { duration, isDraining } = record;
  return { record: { kind: 'lease', value: { duration: Math.round(duration), draining: isDraining } } };
}

/** Undefined of what a later version wrote. */
function fromWire({ record }: lease.PlacementRecord): LeaseRecord | undefined {
  if (record?.kind === 'table') return { kind: 'table', holdings: record.value.holdings };
  if (record === undefined) return undefined;
  return { kind: 'lease', duration: record.value.duration, isDraining: record.value.draining };
}

function conflict(key: string): LeaseConflict {
  return { kind: 'LeaseConflict', key };
}
