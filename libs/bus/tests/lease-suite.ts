import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Placement, placementRules } from '@parley/actor';
import type { LeaseRecord, LeaseStore } from '@parley/actor';
import type { Clock } from '@parley/prelude';
import { unwrap } from '@parley/prelude';
import { SystemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { leaseStore } from '../src/index.ts';
import type { Bus } from '../src/index.ts';
import type { BusUnderTest } from './bus-suite.ts';

const ttl = 1500;

function held(owner: string): LeaseRecord {
  return { owner, epoch: 7, expiresAt: 1_800_000_000_000 };
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
      stores = buses.map((bus) => leaseStore(bus, ttl));
    });
    afterAll(async () => {
      for (const bus of buses) await bus.drain();
      await under[Symbol.asyncDispose]();
    });

    it('create is the compare-and-set: of many claims one succeeds', async () => {
      const claims = Array.from({ length: 30 }, (_, i) => stores[i % 2]!.create('edge.shard.1', held(String(i))));
      const won = (await Promise.all(claims)).filter((claim) => claim.ok);
      expect(won).toHaveLength(1);
      expect(await stores[0]!.create('edge.shard.1', held('late'))).toEqual({
        ok: false,
        error: { kind: 'LeaseConflict', key: 'edge.shard.1' },
      });
    });

    it('update and delete want the revision; revisions rise over deletion', async () => {
      const [mine, theirs] = [stores[0]!, stores[1]!];
      const first = unwrap(await mine.create('edge.shard.2', held('a')));
      const second = unwrap(await mine.update('edge.shard.2', { ...held('a'), draining: true }, first));
      expect(unwrap(await theirs.list('edge.shard.2'))).toEqual([
        { key: 'edge.shard.2', record: { ...held('a'), draining: true }, revision: second },
      ]);
      expect((await theirs.delete('edge.shard.2', first)).ok).toBe(false);
      expect((await theirs.update('edge.shard.2', held('b'), first)).ok).toBe(false);
      unwrap(await mine.delete('edge.shard.2', second));
      expect(unwrap(await theirs.create('edge.shard.2', held('b')))).toBeGreaterThan(second);
    });

    it('a record vanishes a lease time after its last write, and a renewal keeps it', async () => {
      const [mine, theirs] = [stores[0]!, stores[1]!];
      // Begun anew where the machine was too busy to renew it in time.
      const renewed = await eventually(async () => {
        const revision = unwrap(await mine.create('edge.shard.3', held('a')));
        await new Promise((resolve) => setTimeout(resolve, ttl / 2));
        const now = performance.now();
        unwrap(await mine.update('edge.shard.3', held('a'), revision));
        return now;
      });
      await eventually(async () => {
        expect((await theirs.create('edge.shard.3', held('b'))).ok).toBe(true);
      });
      expect(performance.now() - renewed).toBeGreaterThan(ttl * 0.9);
    });

    it('a watcher hears that something changed, after what was there before', async () => {
      let heard = 0;
      const stop = stores[1]!.watch?.('focus.', () => heard++);
      await eventually(async () => {
        unwrap(await stores[0]!.list('focus.'));
        const created = await stores[0]!.create(`focus.shard.${heard + 1}`, held('a'));
        if (created.ok) await stores[0]!.delete(`focus.shard.${heard + 1}`, created.value);
        expect(heard).toBeGreaterThan(0);
      });
      stop?.();
    });

    it('a watcher hears of who takes and gives up, not of who renews', async () => {
      let heard = 0;
      let round = 0;
      const stop = stores[1]!.watch?.('notification.', () => heard++);
      // Begun anew where the watch had not begun yet, or the machine was too busy to tell one from the other.
      await eventually(async () => {
        const before = heard;
        const key = `notification.shard.${round++}`;
        let revision = unwrap(await stores[0]!.create(key, held('a')));
        for (let i = 0; i < 5; i++) revision = unwrap(await stores[0]!.update(key, held('a'), revision));
        unwrap(await stores[0]!.delete(key, revision));
        await eventually(
          () => {
            expect(heard).toBe(before + 2);
          },
          { within: 1_000 },
        );
      });
      stop?.();
    });

    it('placement shares the shards of a service between two instances', async () => {
      const clock: Clock = new SystemClock();
      const placements = stores.map(
        (store, i) =>
          new Placement({
            rules: { ...placementRules('nickname', `n${i}`, ttl), shards: 8 },
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
