import { lease } from '@parley/contracts';
import { ok } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { leaseStore, silentLogger } from '../src/index.ts';
import type { RawBucket, RawEntry, RawWatcher } from '../src/link.ts';
import { TypedBucket } from '../src/typed-bucket.ts';

const table = lease.PlacementRecord.encode({ record: { kind: 'table', value: { holdings: [] } } });

/** What a watch of leases tells of such snapshots of the store, one after each reconnect. */
function toldOf(...snapshots: readonly (readonly Pick<RawEntry, 'key' | 'revision' | 'data'>[])[]): readonly string[] {
  const feed = (watcher: RawWatcher): void => {
    for (const snapshot of snapshots) {
      watcher.restarted();
      for (const entry of snapshot) watcher.entry({ ...entry, storedAt: 0 });
      watcher.synced();
    }
  };
  const raw: RawBucket = {
    get: () => Promise.resolve(ok(undefined)),
    write: () => Promise.resolve(ok({ kind: 'conflict' })),
    list: () => Promise.resolve(ok([])),
    watch: (_, watcher) => {
      feed(watcher);
      return () => {};
    },
    sweep: () => Promise.resolve(ok(0)),
  };
  const told: string[] = [];
  leaseStore({ bucket: (_, codec) => new TypedBucket(raw, codec, silentLogger) }).watch('focus.', {
    told: ({ key, revision }) => told.push(`${key} ${revision}`),
    deleted: (key, revision) => told.push(`-${key} ${revision}`),
    ready: () => {},
  });
  return told;
}

describe('The watch of leases', () => {
  it('tells of a key whose revision fell, as the store lost what was last written, as gone before what is there now', () => {
    const lost = toldOf(
      [{ key: 'focus.shards', revision: 50, data: table }],
      [{ key: 'focus.shards', revision: 3, data: table }],
    );
    expect(lost).toEqual(['focus.shards 50', '-focus.shards undefined', 'focus.shards 3']);
    const deleted = toldOf(
      [{ key: 'focus.shards', revision: 50, data: table }],
      [{ key: 'focus.shards', revision: 3, data: undefined }],
    );
    expect(deleted).toEqual(['focus.shards 50', '-focus.shards undefined']);
  });

  it('tells of nothing in between where revisions rise', () => {
    const told = toldOf(
      [{ key: 'focus.shards', revision: 3, data: table }],
      [{ key: 'focus.shards', revision: 50, data: table }],
      [{ key: 'focus.shards', revision: 51, data: undefined }],
    );
    expect(told).toEqual(['focus.shards 3', 'focus.shards 50', '-focus.shards 51']);
  });
});
