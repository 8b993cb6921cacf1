import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Placement, placementRules } from '@parley/actor';
import type { LeaseStore } from '@parley/actor';
import type { Clock } from '@parley/prelude';
import { unwrap } from '@parley/prelude';
import { SystemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { leaseStore } from '../src/index.ts';
import type { Bus } from '../src/index.ts';
import type { BusUnderTest } from './bus-suite.ts';

const held = { kind: 'lease', duration: 9000, isDraining: false } as const;
const draining = { ...held, isDraining: true } as const;
const table = { kind: 'table', holdings: [{ shard: 3, owner: 'a', epoch: 7 }] } as const;

/** Writes down what a watch tells. */
function listen(store: LeaseStore, prefix: string): { readonly heard: string[]; readonly stop: () => void } {
  const heard: string[] = [];
  const stop = store.watch(prefix, {
    told: ({ key, revision, record }) => heard.push(`${key} ${revision} ${record.kind}`),
    deleted: (key, revision) => heard.push(`-${key} ${revision}`),
    ready: () => heard.push('ready'),
  });
  return { heard, stop };
}

/** What every adapter of the bus keeps to: the port of leases that placement of actors rests on. */
export function describeLeases(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`${name}: leases`, () => {
    let under: BusUnderTest;
    let buses: readonly Bus[] = [];
    let stores: readonly LeaseStore[] = [];

    beforeAll(async () => {
      under = await start();
      buses = [await under.connect(), await under.connect()];
      stores = buses.map((bus) => leaseStore(bus));
    });
    afterAll(async () => {
      for (const bus of buses) await bus.drain();
      await under[Symbol.asyncDispose]();
    });

    it('create is the compare-and-set: of many claims one succeeds', async () => {
      const claims = Array.from({ length: 30 }, (_, i) => stores[i % 2]!.create('edge.instance.1', held));
      const won = (await Promise.all(claims)).filter((claim) => claim.ok);
      expect(won).toHaveLength(1);
      expect(await stores[0]!.create('edge.instance.1', held)).toEqual({
        ok: false,
        error: { kind: 'LeaseConflict', key: 'edge.instance.1' },
      });
    });

    it('update and delete want the revision; revisions rise over deletion', async () => {
      const [mine, theirs] = [stores[0]!, stores[1]!];
      const first = unwrap(await mine.create('edge.instance.2', held));
      const second = unwrap(await mine.update('edge.instance.2', draining, first));
      expect((await theirs.delete('edge.instance.2', first)).ok).toBe(false);
      expect((await theirs.update('edge.instance.2', held, first)).ok).toBe(false);
      const deletion = unwrap(await theirs.delete('edge.instance.2', second));
      expect((await mine.update('edge.instance.2', held, second)).ok).toBe(false);
      const third = unwrap(await mine.create('edge.instance.2', held));
      expect([deletion > second, third > deletion]).toEqual([true, true]);
    });

    it('a watcher hears of what was there, then of each write and deletion in order, with their revisions', async () => {
      const before = unwrap(await stores[0]!.create('focus.instance.a', held));
      const { heard, stop } = listen(stores[1]!, 'focus.');
      await eventually(() => {
        expect(heard).toEqual([`focus.instance.a ${before} lease`, 'ready']);
      });
      const [first] = await Promise.all([stores[0]!.create('focus.shards', table)]);
      const renewal = unwrap(await stores[0]!.update('focus.instance.a', held, before));
      const deletion = unwrap(await stores[0]!.delete('focus.instance.a', renewal));
      await eventually(() => {
        expect(heard.slice(2)).toEqual([
          `focus.shards ${unwrap(first)} table`,
          `focus.instance.a ${renewal} lease`,
          `-focus.instance.a ${deletion}`,
        ]);
      });
      stop();
    });

    it('placement shares the shards of a service between two instances', async () => {
      const clock: Clock = new SystemClock();
      const placements = stores.map(
        (store, i) =>
          new Placement({
            rules: { ...placementRules('nickname', `n${i}`), shards: 8 },
            store,
            clock,
            hooks: { onAcquired: () => {}, onLost: () => {} },
            observer: { acquired: () => {}, lost: () => {}, storeFailed: () => {}, hookFailed: () => {} },
          }),
      );
      await eventually(() => {
        expect(placements.map((placement) => placement.owned.length)).toEqual([4, 4]);
      });
      await placements[0]!.drain();
      await eventually(() => {
        expect(placements[1]!.owned).toHaveLength(8);
      });
      await placements[1]!.drain();
    });
  });
}
