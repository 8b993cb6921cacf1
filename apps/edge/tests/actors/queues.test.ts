import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { Deadline, DeadlineQueue } from '../../src/actors/deadline-queue.ts';
import { KeyedQueue } from '../../src/actors/keyed-queue.ts';

describe('DeadlineQueue', () => {
  it('expires its members in order, each once and late by less than its grain, and not those that left', () => {
    const clock = new SimulatedClock();
    const queue = new DeadlineQueue(clock, 1000, 100);
    const expired: [string, number][] = [];
    const member = (name: string): Deadline => new Deadline(() => expired.push([name, clock.now()]));
    const [a, b, c] = [member('a'), member('b'), member('c')];
    queue.join(a);
    clock.advance(150);
    queue.join(b);
    clock.advance(50);
    queue.join(c);
    b.leave();
    clock.advance(5000);
    expect(expired).toEqual([
      ['a', 1000],
      ['c', 1200],
    ]);
    expect(clock.pending).toBe(0);
  });
});

describe('KeyedQueue', () => {
  it('runs one at a time for a key, in order, and different keys at once', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const work = (name: string, gate?: Promise<undefined>) => async () => {
      log.push(`${name} begins`);
      await gate;
      log.push(`${name} ends`);
    };
    queue.run('alice', work('a1', gates[0]?.promise));
    queue.run('alice', work('a2'));
    queue.run('bob', work('b1', gates[1]?.promise));
    expect(log).toEqual(['a1 begins', 'b1 begins']);
    gates[1]?.resolve(undefined);
    gates[0]?.resolve(undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['a1 begins', 'b1 begins', 'b1 ends', 'a1 ends', 'a2 begins', 'a2 ends']);
    expect(queue.size).toBe(0);
  });
});
