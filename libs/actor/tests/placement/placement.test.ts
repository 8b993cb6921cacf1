import { err, transportFailure } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '@parley/testing';
import { MemoryLeaseStore, Placement, placementRules } from '../../src/index.ts';
import type { LeaseStore, Ownership, PlacementHooks } from '../../src/index.ts';

const lease = 9000;

/** A service that writes down what its hooks and its observer hear. */
function service(
  clock: SimulatedClock,
  store: LeaseStore,
  instance: string,
  hooks: Partial<PlacementHooks> = {},
): { readonly placement: Placement; readonly heard: string[]; readonly ownerships: Ownership[] } {
  const heard: string[] = [];
  const ownerships: Ownership[] = [];
  const placement = new Placement({
    rules: { ...placementRules('focus', instance, lease), shards: 4 },
    store,
    clock,
    hooks: { onAcquired: (ownership) => void ownerships.push(ownership), onLost: () => {}, ...hooks },
    observer: {
      acquired: ({ shard }) => heard.push(`acquired ${shard}`),
      lost: (shard, _epoch, reason) => heard.push(`lost ${shard} ${reason}`),
      storeFailed: () => heard.push('store failed'),
      hookFailed: (hook, shard) => heard.push(`${hook} failed ${shard}`),
    },
  });
  return { placement, heard, ownerships };
}

describe('Placement', () => {
  it('takes every shard when alone, at once', async () => {
    const clock = new SimulatedClock();
    const { placement } = service(clock, new MemoryLeaseStore(clock), 'a');
    await clock.run(0);
    expect(placement.owned).toEqual([0, 1, 2, 3]);
    await clock.run(10 * lease);
    expect(placement.owned).toEqual([0, 1, 2, 3]);
  });

  it('hands half to a second instance, and all of it back when that drains', async () => {
    const clock = new SimulatedClock();
    const store = new MemoryLeaseStore(clock);
    const first = service(clock, store, 'a').placement;
    await clock.run(0);
    const second = service(clock, store, 'b').placement;
    await clock.run(100);
    expect([first.owned.length, second.owned.length]).toEqual([2, 2]);
    await second.drain();
    await clock.run(100);
    expect([first.owned.length, second.owned.length]).toEqual([4, 0]);
  });

  it('gives each takeover of a shard a higher epoch, and the older right is never valid again', async () => {
    const clock = new SimulatedClock();
    const store = new MemoryLeaseStore(clock);
    const first = service(clock, store, 'a');
    await clock.run(0);
    const [old] = first.ownerships;
    expect(old!.isValid()).toBe(true);
    await first.placement.drain();
    const second = service(clock, store, 'b');
    await clock.run(100);
    const renewed = second.ownerships.find(({ shard }) => shard === old!.shard);
    expect(renewed!.epoch).toBeGreaterThan(old!.epoch);
    expect([old!.isValid(), renewed!.isValid()]).toEqual([false, true]);
  });

  it('frees a yielded shard only when its hook is done', async () => {
    const clock = new SimulatedClock();
    const store = new MemoryLeaseStore(clock);
    const hook = Promise.withResolvers<undefined>();
    const first = service(clock, store, 'a', { onLost: () => hook.promise }).placement;
    await clock.run(0);
    const second = service(clock, store, 'b').placement;
    await clock.run(100);
    expect([first.owned.length, second.owned.length]).toEqual([2, 0]);
    hook.resolve(undefined);
    await clock.run(100);
    expect(second.owned.length).toBe(2);
  });

  it('gives back a shard that it cannot take over, and leaves it to others for a lease', async () => {
    const clock = new SimulatedClock();
    let failures = 0;
    const { placement, heard } = service(clock, new MemoryLeaseStore(clock), 'a', {
      onAcquired: ({ shard }) => {
        if (shard !== 2 || failures++ > 0) return;
        throw new Error('no records');
      },
    });
    await clock.run(lease / 2);
    expect(heard).toContain('onAcquired failed 2');
    expect(heard).toContain('lost 2 takeover-failed');
    expect(placement.owned).toEqual([0, 1, 3]);
    await clock.run(lease);
    expect(placement.owned).toEqual([0, 1, 2, 3]);
  });

  it('gives up before the lease is over when the store does not answer, and comes back with it', async () => {
    const clock = new SimulatedClock();
    const memory = new MemoryLeaseStore(clock);
    let away = false;
    const failure = (): Promise<ReturnType<typeof err<ReturnType<typeof transportFailure>>>> =>
      Promise.resolve(err(transportFailure('no store', true)));
    const store: LeaseStore = {
      create: (key, record) => (away ? failure() : memory.create(key, record)),
      update: (key, record, revision) => (away ? failure() : memory.update(key, record, revision)),
      delete: (key, revision) => (away ? failure() : memory.delete(key, revision)),
      watch: (prefix, watcher) => memory.watch(prefix, watcher),
    };
    const { placement, heard } = service(clock, store, 'a');
    await clock.run(4000);
    away = true;
    await clock.run(lease);
    expect(placement.owned).toEqual([]);
    expect(heard.filter((line) => line.endsWith('expired')).length).toBe(4);
    away = false;
    await clock.run(2 * lease);
    expect(placement.owned).toEqual([0, 1, 2, 3]);
  });

  it('leaves no timer behind when it has drained', async () => {
    const clock = new SimulatedClock();
    const { placement } = service(clock, new MemoryLeaseStore(clock), 'a');
    await clock.run(0);
    await placement[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
  });
});
