import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '@parley/testing';
import { MemoryLeaseStore } from '../../src/index.ts';

const record = { kind: 'lease', duration: 1000, isDraining: false } as const;
const conflict = { ok: false, error: { kind: 'LeaseConflict', key: 'k.1' } };

describe('MemoryLeaseStore', () => {
  it('lets one of two creates win', async () => {
    const store = new MemoryLeaseStore(new SimulatedClock());
    const [first, second] = await Promise.all([store.create('k.1', record), store.create('k.1', record)]);
    expect([first.ok, second]).toEqual([true, conflict]);
  });

  it('updates and deletes exactly the revision that was read; later writes have higher ones, over deletions too', async () => {
    const store = new MemoryLeaseStore(new SimulatedClock());
    const revision = unwrap(await store.create('k.1', record));
    const next = unwrap(await store.update('k.1', record, revision));
    expect(await store.update('k.1', record, revision)).toEqual(conflict);
    expect(await store.delete('k.1', revision)).toEqual(conflict);
    const deletion = unwrap(await store.delete('k.1', next));
    expect(deletion).toBeGreaterThan(next);
    expect(unwrap(await store.create('k.1', record))).toBeGreaterThan(deletion);
  });

  it('tells watchers what is there, and then what is written and deleted, in order', async () => {
    const store = new MemoryLeaseStore(new SimulatedClock());
    const revision = unwrap(await store.create('k.1', record));
    const heard: string[] = [];
    const stop = store.watch('k.', {
      told: (entry) => heard.push(`${entry.key} ${entry.revision}`),
      deleted: (key, at) => heard.push(`-${key} ${at}`),
      ready: () => heard.push('ready'),
    });
    const next = unwrap(await store.update('k.1', record, revision));
    await store.create('other', record);
    await store.delete('k.1', next);
    stop();
    await store.create('k.1', record);
    expect(heard).toEqual(['k.1 1', 'ready', 'k.1 2', '-k.1 4']);
  });
});
