import { err, transportFailure } from '@parley/prelude';
import type { Cancel } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '@parley/testing';
import { MemoryLeaseStore, Placement, placementRules } from '../../src/index.ts';
import type { LeaseRecord, LeaseStore, LeaseWatcher, LeaseWrite, Ownership, PlacementHooks } from '../../src/index.ts';

const lease = 9000;

/** A service that writes down what its hooks and its observer hear. */
function service(
  clock: SimulatedClock,
  store: LeaseStore,
  instance: string,
  hooks: Partial<PlacementHooks> = {},
  shards = 4,
): { readonly placement: Placement; readonly heard: string[]; readonly ownerships: Ownership[] } {
  const heard: string[] = [];
  const ownerships: Ownership[] = [];
  const placement = new Placement({
    rules: { ...placementRules('focus', instance, lease), shards },
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

/** A store that confirms before it tells, may be away, or never hear of who uses it again, and counts what is written. */
class Unsteady implements LeaseStore {
  isAway = false;
  isDead = false;
  writes = 0;
  private readonly clock: SimulatedClock;
  private readonly memory: MemoryLeaseStore;

  constructor(clock: SimulatedClock, memory = new MemoryLeaseStore(clock)) {
    this.clock = clock;
    this.memory = memory;
  }

  create(key: string, record: LeaseRecord): Promise<LeaseWrite> {
    return this.write(() => this.memory.create(key, record));
  }

  update(key: string, record: LeaseRecord, revision: number): Promise<LeaseWrite> {
    return this.write(() => this.memory.update(key, record, revision));
  }

  delete(key: string, revision: number): Promise<LeaseWrite> {
    return this.write(() => this.memory.delete(key, revision));
  }

  watch(prefix: string, watcher: LeaseWatcher): Cancel {
    const later = (tell: () => void): void => {
      this.clock.after(1, tell);
    };
    return this.memory.watch(prefix, {
      told: (entry) => {
        later(() => {
          watcher.told(entry);
        });
      },
      deleted: (key, revision) => {
        later(() => {
          watcher.deleted(key, revision);
        });
      },
      ready: () => {
        later(() => {
          watcher.ready();
        });
      },
    });
  }

  private write(perform: () => Promise<LeaseWrite>): Promise<LeaseWrite> {
    if (this.isDead) return new Promise(() => {});
    if (this.isAway) return Promise.resolve(err(transportFailure('no store', true)));
    this.writes++;
    return perform();
  }
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

  it('is alive from when it joins until its lease is over, and again once that is renewed', async () => {
    const clock = new SimulatedClock();
    const store = new Unsteady(clock);
    store.isAway = true;
    const { placement } = service(clock, store, 'a');
    await clock.run(lease - 1);
    expect(placement.isAlive).toBe(true);
    await clock.run(1);
    expect(placement.isAlive).toBe(false);
    store.isAway = false;
    await clock.run(lease);
    expect(placement.isAlive).toBe(true);
    store.isAway = true;
    await clock.run(lease);
    expect([placement.isAlive, placement.owned]).toEqual([false, []]);
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

  it('gives up before the lease is over when the store does not answer, and comes back with it to where it was', async () => {
    const clock = new SimulatedClock();
    const store = new Unsteady(clock);
    const [first, second] = [service(clock, store, 'a'), service(clock, store, 'b')];
    await clock.run(4000);
    const before = [first, second].map(({ placement }) => placement.owned);
    store.isAway = true;
    await clock.run(lease);
    expect([first, second].map(({ placement }) => placement.owned)).toEqual([[], []]);
    expect([...first.heard, ...second.heard].filter((line) => line.endsWith('expired'))).toHaveLength(4);
    store.isAway = false;
    await clock.run(lease / 3);
    expect([first, second].map(({ placement }) => placement.owned)).toEqual(before);
  });

  it('loses nothing while the store is away for less than half a lease', async () => {
    const clock = new SimulatedClock();
    const store = new Unsteady(clock);
    const { placement, heard } = service(clock, store, 'a');
    await clock.run(2.9 * lease);
    heard.length = 0;
    store.isAway = true;
    await clock.run(lease / 2);
    store.isAway = false;
    await clock.run(lease);
    expect(placement.owned).toEqual([0, 1, 2, 3]);
    expect(heard.filter((line) => line !== 'store failed')).toEqual([]);
  });

  it('gives others the time to come back with the store, before it takes them for dead', async () => {
    const clock = new SimulatedClock();
    const memory = new MemoryLeaseStore(clock);
    const stores = [new Unsteady(clock, memory), new Unsteady(clock, memory)];
    const both = stores.map((store, i) => service(clock, store, `i${i}`));
    await clock.run(1000);
    const before = both.map(({ placement }) => placement.owned);
    for (const { heard } of both) heard.length = 0;
    for (const store of stores) store.isAway = true;
    await clock.run(2 * lease);
    for (const store of stores) {
      store.isAway = false;
      await clock.run(lease / 4);
    }
    await clock.run(1000);
    const acquired = both.map(({ heard }) => heard.filter((line) => line.startsWith('acquired')).toSorted());
    expect(acquired).toEqual(before.map((shards) => shards.map((shard) => `acquired ${shard}`)));
  });

  it('writes one record for each third of a lease, however many shards are held', async () => {
    const clock = new SimulatedClock();
    const store = new Unsteady(clock);
    const placements = ['a', 'b'].map((instance) => service(clock, store, instance).placement);
    await clock.run(lease);
    store.writes = 0;
    await clock.run(10 * lease);
    expect(store.writes).toBe(placements.length * 30);
  });

  it('a hand-over of all shards is a few writes', async () => {
    const clock = new SimulatedClock();
    const store = new Unsteady(clock);
    const placements = ['a', 'b'].map((instance) => service(clock, store, instance, {}, 64).placement);
    await clock.run(100);
    store.writes = 0;
    await placements[0]?.drain();
    await clock.run(100);
    expect(placements.map(({ owned }) => owned.length)).toEqual([0, 64]);
    expect(store.writes).toBeLessThan(10);
  });

  it('alone and started again after a crash, has its shards when the lease of its last life is over', async () => {
    const clock = new SimulatedClock();
    const memory = new MemoryLeaseStore(clock);
    const store = new Unsteady(clock, memory);
    service(clock, store, 'first-life');
    await clock.run(lease);
    store.isDead = true;
    await clock.run(1000);
    const { placement } = service(clock, memory, 'second-life');
    await clock.run(lease - 1000 - 1);
    expect(placement.owned).toEqual([]);
    await clock.run(1);
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
