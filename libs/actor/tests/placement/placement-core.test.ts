import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cluster } from './cluster.ts';
import type { Instance } from './cluster.ts';

const { lease } = Cluster;

/** Long enough for presence, look, yield, look and claim, with delays and drift. */
const settling = 2 * lease;

function spread({ active }: Cluster): number {
  const counts = active.map(({ owned }) => owned.length);
  return Math.max(...counts) - Math.min(...counts);
}

function settledCluster(instances: number, shards = 64): Cluster {
  const cluster = new Cluster(instances, shards);
  for (let i = 0; i < instances; i++) cluster.join();
  cluster.clock.advance(settling);
  return cluster;
}

type Event =
  | { readonly kind: 'join' | 'crash' | 'drain' | 'interrupt'; readonly who: number; readonly wait: number }
  | { readonly kind: 'pause'; readonly who: number; readonly wait: number; readonly duration: number };

const wait = fc.nat(6000);
const who = fc.nat(5);
const kinds = fc.constantFrom(
  'join' as const,
  'join' as const,
  'crash' as const,
  'drain' as const,
  'interrupt' as const,
);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: kinds, who, wait }),
  fc.record({ kind: fc.constant('pause' as const), who, wait, duration: fc.nat(2 * lease) }),
);

function apply(cluster: Cluster, event: Event): void {
  cluster.clock.advance(event.wait);
  const instance: Instance | undefined = cluster.instances[event.who];
  if (event.kind === 'join' && cluster.instances.length < 6) cluster.join();
  else if (instance === undefined) return;
  else if (event.kind === 'crash') instance.fate = 'dead';
  else if (event.kind === 'interrupt') instance.beginWatch();
  else if (event.kind === 'pause') cluster.pause(instance, event.duration);
  else if (event.kind === 'drain') instance.take(() => ({ kind: 'drain', now: instance.now() }));
}

describe('placement', () => {
  it('never lets two instances hold a shard, whoever joins, dies, drains, sleeps past its lease or loses answers', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(100), fc.array(event, { minLength: 3, maxLength: 25 }), (seed, loss, events) => {
        const cluster = new Cluster(seed);
        cluster.loss = loss;
        cluster.join();
        for (const event of events) apply(cluster, event);
        cluster.clock.advance(settling); // the cluster checks itself at every step
      }),
      { numRuns: 300 },
    );
  });

  it('comes to rest with every shard owned and fair shares once the faults end', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(event, { maxLength: 15 }), (seed, events) => {
        const cluster = new Cluster(seed);
        cluster.join();
        for (const event of events) apply(cluster, event);
        cluster.join();
        cluster.clock.advance(4 * lease + settling);
        expect(cluster.orphans).toEqual([]);
        expect(spread(cluster)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });

  it.each([1, 2, 3, 5, 7, 32])('shares 64 shards among %i instances, none with two more than another', (instances) => {
    const cluster = settledCluster(instances);
    expect(cluster.orphans).toEqual([]);
    expect(spread(cluster)).toBeLessThanOrEqual(1);
  });

  it('gives the shards of an instance that dies to others within a lease', () => {
    const cluster = settledCluster(3);
    cluster.instances[0]!.fate = 'dead';
    cluster.clock.advance(lease + 500);
    expect(cluster.orphans).toEqual([]);
  });

  it('moves the shards of an instance that drains without waiting for a lease', () => {
    const cluster = settledCluster(3);
    const leaving = cluster.instances[0]!;
    leaving.take(() => ({ kind: 'drain', now: leaving.now() }));
    cluster.clock.advance((2 * lease) / 3 + 500);
    expect(leaving.log.at(-1)).toBe('gone');
    expect(cluster.orphans).toEqual([]);
    expect(cluster.bucket.list().some(({ key }) => key.endsWith(leaving.name))).toBe(false);
  });

  it('shows an instance that slept past its leases their loss before anything else', () => {
    const cluster = settledCluster(2);
    const sleeper = cluster.instances[0]!;
    const before = sleeper.owned;
    cluster.pause(sleeper, 2 * lease);
    cluster.clock.advance(2 * lease - 1);
    expect(before.filter((shard) => sleeper.owns(shard))).toEqual([]);
    const heard = sleeper.log.length;
    cluster.clock.advance(1);
    expect(sleeper.log.slice(heard).sort()).toEqual(before.map((shard) => `lost ${shard} expired`).sort());
  });

  it('keeps shards where they are as long as nobody comes or goes', () => {
    const cluster = settledCluster(3);
    const before = cluster.instances.map(({ log }) => log.length);
    cluster.clock.advance(10 * lease);
    expect(cluster.instances.map(({ log }) => log.length)).toEqual(before);
  });

  it.each([1, 3])('%i instances begin again with a store that lost what was last written, or all', (instances) => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(lease), (after, later) => {
        const cluster = settledCluster(instances);
        cluster.clock.advance(10 * lease + later);
        cluster.lose(after);
        cluster.clock.advance(4 * lease + settling);
        expect(cluster.orphans).toEqual([]);
        expect(cluster.active.reduce((sum, { owned }) => sum + owned.length, 0)).toBe(cluster.shards);
        expect(spread(cluster)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});
