import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '@parley/testing';
import { MemoryLeaseStore } from '../../src/index.ts';

const record = { owner: 'a', epoch: 0, expiresAt: 0 };
const conflict = { ok: false, error: { kind: 'LeaseConflict', key: 'k.1' } };

describe('MemoryLeaseStore', () => {
  it('lets one of two creates win', async () => {
    const store = new MemoryLeaseStore(new SimulatedClock(), 1000);
    const [first, second] = await Promise.all([store.create('k.1', record), store.create('k.1', record)]);
    expect([first.ok, second]).toEqual([true, conflict]);
  });

  it('updates and deletes exactly the revision that was read', async () => {
    const store = new MemoryLeaseStore(new SimulatedClock(), 1000);
    const revision = unwrap(await store.create('k.1', record));
    const next = unwrap(await store.update('k.1', record, revision));
    expect(await store.update('k.1', record, revision)).toEqual(conflict);
    expect(await store.delete('k.1', revision)).toEqual(conflict);
    expect(await store.delete('k.1', next)).toEqual({ ok: true, value: undefined });
  });

  it('forgets a record one lease after its last write, and its successor has a higher revision', async () => {
    const clock = new SimulatedClock();
    const store = new MemoryLeaseStore(clock, 1000);
    const revision = unwrap(await store.create('k.1', record));
    clock.advance(999);
    expect(unwrap(await store.list('k.')).length).toBe(1);
    clock.advance(1);
    expect(unwrap(await store.list('k.'))).toEqual([]);
    expect(unwrap(await store.create('k.1', record))).toBeGreaterThan(revision);
  });

  it('tells watchers what appears and goes, and nothing of renewals', async () => {
    const store = new MemoryLeaseStore(new SimulatedClock(), 1000);
    let changes = 0;
    const stop = store.watch('k.', () => changes++);
    const revision = unwrap(await store.create('k.1', record));
    const next = unwrap(await store.update('k.1', record, revision));
    await store.create('other', record);
    await store.delete('k.1', next);
    stop();
    await store.create('k.1', record);
    expect(changes).toBe(2);
  });
});
