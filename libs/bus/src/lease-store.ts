import type { LeaseConflict, LeaseEntry, LeaseRecord, LeaseStore } from '@parley/actor';
import { buckets, lease } from '@parley/contracts';
import type { Cancel } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Bucket, BucketEntry, BucketEvent } from './bucket.ts';
import type { Bus } from './bus.ts';

/**
 * Leases in the bucket `leases`: `create` is the compare-and-set, the time to live of the bucket the expiry.
 *
 * @param ttl - milliseconds that a lease lasts; all instances must say the same, as the last to start decides for the bucket
 */
export function leaseStore(bus: Bus, ttl: number = buckets.leases.ttl): LeaseStore {
  const bucket = bus.bucket({ ...buckets.leases, ttl }, lease.LeaseRecord);
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
      return deleted.value.outcome === 'deleted' ? ok(undefined) : err(conflict(key));
    },
    list: async (prefix) => {
      const entries = await bucket.entries(prefix);
      return entries.ok ? ok(entries.value.map(fromWire)) : entries;
    },
    watch: (prefix, changed) => watchOnce(bucket, prefix, changed),
  };
}

/** Tells once per turn that records came, went or changed hands; not what there was before, and not of renewals. */
function watchOnce(bucket: Bucket<lease.LeaseRecord>, prefix: string, changed: () => void): Cancel {
  const holders = new Map<string, string | undefined>();
  let isReady = false;
  let isTold = false;
  const watch = bucket.watch(prefix, {
    ready: () => {
      isReady = true;
    },
    changed: (event) => {
      const before = holders.get(event.key);
      const holder = holderIn(event);
      if (holder === undefined) holders.delete(event.key);
      else holders.set(event.key, holder);
      if (!isReady || isTold || holder === before) return;
      isTold = true;
      queueMicrotask(() => {
        isTold = false;
        changed();
      });
    },
  });
  return () => {
    watch.stop();
  };
}

/** What a renewal leaves as it was; undefined of a record that went. */
function holderIn(event: BucketEvent<lease.LeaseRecord>): string | undefined {
  if (event.kind === 'delete') return undefined;
  const { owner, epoch, draining } = event.value;
  return `${owner} ${epoch} ${draining}`;
}

function toWire({ owner, epoch, expiresAt, draining }: LeaseRecord): lease.LeaseRecord {
  return { owner, epoch, expiresAt: Math.round(expiresAt), draining: draining ?? false };
}

function fromWire({ key, value, revision }: BucketEntry<lease.LeaseRecord>): LeaseEntry {
  const { owner, epoch, expiresAt, draining } = value;
  return { key, revision, record: { owner, epoch, expiresAt, ...(draining && { draining }) } };
}

function conflict(key: string): LeaseConflict {
  return { kind: 'LeaseConflict', key };
}
