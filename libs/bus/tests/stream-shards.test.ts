import { lists } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { createMemoryBroker, leaseState, StreamShards } from '../src/index.ts';
import type { Bus, StreamShard } from '../src/index.ts';

const observer = { acquired: () => {}, lost: () => {}, storeFailed: () => {}, hookFailed: () => {} };
const codec = lists.ListJobStored;

/** Counts the looks at each shard, and what was closed. */
class Counted implements StreamShard {
  readonly size = 1;
  looks = 0;
  isClosed = false;

  look(): void {
    this.looks++;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

describe('Work that waits in a stream', () => {
  const clock = new SimulatedClock();
  const broker = createMemoryBroker({ clock });
  const works = new Map<string, Counted>();

  function share(bus: Bus, instance: string): StreamShards<lists.ListJobStored> {
    return new StreamShards({
      bus,
      clock,
      observer,
      service: 'work',
      shards: 2,
      instance,
      lease: 9000,
      news: { subject: (shard) => `event.work.${shard}`, codec },
      begin: ({ shard }) => {
        const work = new Counted();
        works.set(`${instance} ${shard}`, work);
        return work;
      },
    });
  }

  it('is looked for when its shard comes, when it is told of, and when NATS is back; then it is handed over', async () => {
    const bus = broker.connect();
    const one = share(bus, 'one');
    await clock.run(10_000);
    expect([...works].map(([name, { looks }]) => `${name}: ${looks}`).toSorted()).toEqual(['one 0: 1', 'one 1: 1']);
    expect(one.size).toBe(2);
    unwrap(bus.publish('event.work.1', codec, { sequence: 1 }));
    await clock.run(10);
    expect(works.get('one 1')?.looks).toBe(2);
    broker.goAway();
    broker.comeBack();
    expect([...works.values()].map(({ looks }) => looks)).toEqual([2, 3]);
    const tell = leaseState(one);
    expect(tell()).toBeUndefined();
    broker.goAway();
    await clock.run(10_000);
    expect(tell()).toMatch(/lease is over/);
    broker.comeBack();
    await clock.run(10_000);
    expect(tell()).toBeUndefined();
    const two = share(broker.connect(), 'two');
    const drained = one.drain();
    await clock.run(10_000);
    await drained;
    expect([one.size, two.size]).toEqual([0, 2]);
    expect([works.get('one 0')?.isClosed, works.get('one 1')?.isClosed]).toEqual([true, true]);
    await one[Symbol.asyncDispose]();
  });
});
