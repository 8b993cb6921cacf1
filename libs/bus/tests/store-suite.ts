import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lease } from '@parley/contracts';
import type { BucketDefinition, StreamDefinition } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { eventually } from '@parley/testing';
import type { Bucket, Bus, MessageStream } from '../src/index.ts';
import type { BusUnderTest } from './bus-suite.ts';
import { leaseOf, reasonOf } from './bus-suite.ts';

type Record = lease.Holding;

/** What every adapter of the bus keeps to: buckets. */
export function describeBuckets(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`${name}: buckets`, () => {
    let under: BusUnderTest;
    let bus: Bus;
    let other: Bus;
    let bucket: Bucket<Record>;
    let number = 0;

    const definition = (ttl?: number): BucketDefinition => ({
      name: `test-${number}`,
      description: 'of a test',
      maxValueSize: 4096,
      ...(ttl !== undefined && { ttl }),
    });
    const seen = (of: Bucket<Record>, prefix = ''): { events: string[]; ready: () => boolean; stop: () => void } => {
      const events: string[] = [];
      let isReady = false;
      const watch = of.watch(prefix, {
        changed: (event) => events.push(event.kind === 'put' ? `${event.key}=${event.value.owner}` : `-${event.key}`),
        ready: () => {
          isReady = true;
        },
      });
      return {
        events,
        ready: () => isReady,
        stop: () => {
          watch.stop();
        },
      };
    };

    beforeAll(async () => {
      under = await start();
      [bus, other] = [await under.connect(), await under.connect()];
    });
    beforeEach(() => {
      number++;
      bucket = bus.bucket(definition(), lease.Holding);
    });
    afterAll(async () => {
      await bus.drain();
      await other.drain();
      await under[Symbol.asyncDispose]();
    });

    it('keep the newest value of a key under a rising revision', async () => {
      expect(unwrap(await bucket.get('a'))).toBeUndefined();
      const first = unwrap(await bucket.put('a', leaseOf('x')));
      const second = unwrap(await bucket.put('a', leaseOf('y')));
      expect(second).toBeGreaterThan(first);
      expect(unwrap(await bucket.get('a'))).toEqual({ key: 'a', value: leaseOf('y'), revision: second });
    });

    it('create only what does not exist, and again what was deleted', async () => {
      expect(unwrap(await bucket.create('a', leaseOf('x'))).outcome).toBe('created');
      expect(unwrap(await bucket.create('a', leaseOf('y')))).toEqual({ outcome: 'exists' });
      expect(unwrap(await bucket.delete('a')).outcome).toBe('deleted');
      expect(unwrap(await bucket.get('a'))).toBeUndefined();
      expect(unwrap(await bucket.create('a', leaseOf('z'))).outcome).toBe('created');
      expect(unwrap(await bucket.get('a'))?.value.owner).toBe('z');
    });

    it('let exactly one of many concurrent creates win', async () => {
      const theirs = other.bucket(definition(), lease.Holding);
      const creates = Array.from({ length: 40 }, (_, i) => (i % 2 ? bucket : theirs).create('a', leaseOf(String(i))));
      const outcomes = (await Promise.all(creates)).map((created) => unwrap(created).outcome);
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    });

    it('update and delete exactly the revision named', async () => {
      const created = unwrap(await bucket.create('a', leaseOf('x')));
      const revision = created.outcome === 'created' ? created.revision : 0;
      const updated = unwrap(await bucket.update('a', leaseOf('y'), revision));
      expect(updated.outcome).toBe('updated');
      expect(unwrap(await bucket.update('a', leaseOf('z'), revision))).toEqual({ outcome: 'conflict' });
      expect(unwrap(await bucket.delete('a', revision))).toEqual({ outcome: 'conflict' });
      expect(unwrap(await bucket.update('nowhere', leaseOf('z'), revision))).toEqual({ outcome: 'conflict' });
      const now = updated.outcome === 'updated' ? updated.revision : 0;
      expect(unwrap(await bucket.delete('a', now)).outcome).toBe('deleted');
      expect(unwrap(await bucket.update('a', leaseOf('z'), now))).toEqual({ outcome: 'conflict' });
    });

    it('list keys and values under a prefix, cut anywhere, without what was deleted', async () => {
      expect(unwrap(await bucket.keys())).toEqual([]);
      for (const key of ['a.1', 'a.2', 'a.3', 'ab.1', 'b']) unwrap(await bucket.put(key, leaseOf(key)));
      unwrap(await bucket.delete('a.3'));
      expect([...unwrap(await bucket.keys('a.'))].sort()).toEqual(['a.1', 'a.2']);
      expect([...unwrap(await bucket.keys('a'))].sort()).toEqual(['a.1', 'a.2', 'ab.1']);
      expect([...unwrap(await bucket.keys())].sort()).toEqual(['a.1', 'a.2', 'ab.1', 'b']);
      expect(
        unwrap(await bucket.entries('a.'))
          .map((entry) => entry.value.owner)
          .sort(),
      ).toEqual(['a.1', 'a.2']);
      expect(unwrap(await bucket.keys('nothing.'))).toEqual([]);
    });

    it('refuse keys that NATS would not take', async () => {
      for (const key of ['', 'a b', 'a.', '.a', 'a..b', 'a.*', '>', 'ä', 'x'.repeat(1100)]) {
        expect(reasonOf(await bucket.put(key, leaseOf('x'))), key).toBe('refused');
      }
      for (const prefix of ['*', 'a b', '..', 'x'.repeat(5000)]) {
        expect(reasonOf(await bucket.keys(prefix)), prefix).toBe('refused');
      }
      const none = seen(bucket, 'x'.repeat(5000));
      await eventually(() => {
        expect(none.ready()).toBe(true);
      });
      expect(bus.state).toBe('connected');
    });

    it('tell a watcher what exists, then that it is all, then what changes', async () => {
      unwrap(await bucket.put('a.1', leaseOf('x')));
      unwrap(await bucket.put('b.1', leaseOf('x')));
      unwrap(await bucket.put('a.2', leaseOf('x')));
      unwrap(await bucket.delete('a.2'));
      const a = seen(bucket, 'a.');
      await eventually(() => {
        expect(a.ready()).toBe(true);
      });
      expect(a.events).toEqual(['a.1=x']);
      unwrap(await bucket.put('a.1', leaseOf('y')));
      unwrap(await bucket.put('b.1', leaseOf('y')));
      unwrap(await bucket.delete('a.1'));
      unwrap(await bucket.put('a.3', leaseOf('z')));
      await eventually(() => {
        expect(a.events).toEqual(['a.1=x', 'a.1=y', '-a.1', 'a.3=z']);
      });
      a.stop();
      unwrap(await bucket.put('a.4', leaseOf('z')));
      expect(unwrap(await bucket.get('a.4'))?.value.owner).toBe('z');
      expect(a.events).toHaveLength(4);
    });

    it('tell a watcher of an empty bucket that this was all', async () => {
      const all = seen(bucket);
      await eventually(() => {
        expect(all.ready()).toBe(true);
      });
      all.stop();
    });

    it('fail at once while NATS is away; a watch then tells what changed, the deletions too', async () => {
      for (const key of ['kept', 'changed', 'gone']) unwrap(await bucket.put(key, leaseOf('x')));
      const mine = seen(bucket);
      await eventually(() => {
        expect(mine.events).toHaveLength(3);
      });
      const otherBucket = other.bucket(definition(), lease.Holding);
      unwrap(await otherBucket.get('kept'));
      await under.goAway();
      await eventually(() => {
        expect([bus.state, other.state]).toEqual(['disconnected', 'disconnected']);
      });
      expect(reasonOf(await bucket.get('kept'))).toBe('disconnected');
      expect(reasonOf(await bucket.create('new', leaseOf('x')))).toBe('disconnected');
      const forget = bus.onState(() => {
        // As soon as NATS is back, before the watch had its new snapshot.
        void otherBucket.delete('gone');
      });
      await under.comeBack();
      await eventually(async () => {
        unwrap(await otherBucket.put('changed', leaseOf('y')));
      });
      await eventually(async () => {
        unwrap(await otherBucket.delete('gone'));
      });
      await eventually(() => {
        expect(new Set(mine.events.slice(3))).toEqual(new Set(['changed=y', '-gone']));
      });
      forget();
      mine.stop();
    });

    it('forget a value after the time to live of the bucket, so that it can be created again', async () => {
      const short = bus.bucket({ ...definition(1_000), name: `ttl-${number}` }, lease.Holding);
      expect(unwrap(await short.create('a', leaseOf('x'))).outcome).toBe('created');
      expect(unwrap(await short.create('a', leaseOf('y'))).outcome).toBe('exists');
      await eventually(async () => {
        expect(unwrap(await short.create('a', leaseOf('z'))).outcome).toBe('created');
      });
      const longer = other.bucket({ ...definition(60_000), name: `ttl-${number}` }, lease.Holding);
      expect(unwrap(await longer.get('b'))).toBeUndefined(); // a changed definition changes the bucket
    });

    it('sweep away the marks of deletions, and nothing else', async () => {
      unwrap(await bucket.put('kept', leaseOf('x')));
      unwrap(await bucket.put('gone', leaseOf('x')));
      unwrap(await bucket.delete('gone'));
      expect(unwrap(await bucket.sweep(3_600_000))).toBe(0);
      expect(unwrap(await bucket.sweep(-1000))).toBe(1);
      expect(unwrap(await bucket.keys())).toEqual(['kept']);
      expect(unwrap(await bucket.create('gone', leaseOf('y'))).outcome).toBe('created');
    });
  });
}

/** What every adapter of the bus keeps to: streams. */
export function describeStreams(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`${name}: streams`, () => {
    let under: BusUnderTest;
    let bus: Bus;
    let stream: MessageStream<Record>;
    let number = 0;

    const definition = (more: Partial<StreamDefinition> = {}): StreamDefinition => ({
      name: `stream-${number}`,
      description: 'of a test',
      subjects: [`mail.${number}.*`],
      maxMessageSize: 4096,
      ...more,
    });
    const alice = (): string => `mail.${number}.alice`;
    const bob = (): string => `mail.${number}.bob`;
    const sequenceOf = async (subject: string, owner: string): Promise<number> => {
      const appended = unwrap(await stream.append(subject, leaseOf(owner)));
      return appended.outcome === 'appended' ? appended.sequence : 0;
    };

    beforeAll(async () => {
      under = await start();
      bus = await under.connect();
    });
    beforeEach(() => {
      number++;
      stream = bus.stream(definition(), lease.Holding);
    });
    afterAll(async () => {
      await bus.drain();
      await under[Symbol.asyncDispose]();
    });

    it('keep messages in order, read subject by subject', async () => {
      const first = await sequenceOf(alice(), '1');
      await sequenceOf(bob(), '2');
      const third = await sequenceOf(alice(), '3');
      const next = unwrap(await stream.next(alice(), first + 1));
      expect(next).toMatchObject({ subject: alice(), sequence: third, message: leaseOf('3') });
      expect(unwrap(await stream.next(alice(), third + 1))).toBeUndefined();
      expect(unwrap(await stream.last(bob()))?.message.owner).toBe('2');
      expect(unwrap(await stream.last(`mail.${number}.nobody`))).toBeUndefined();
      const read = unwrap(await stream.read(alice(), { from: 0, limit: 10 }));
      expect(read.map((stored) => stored.message.owner)).toEqual(['1', '3']);
      expect(unwrap(await stream.read(alice(), { from: 0, limit: 1 }))).toHaveLength(1);
    });

    it('store many appends of one caller in the order of the calls', async () => {
      const owners = Array.from({ length: 600 }, (_, i) => String(i));
      const appended = await Promise.all(owners.map((owner) => stream.append(alice(), leaseOf(owner))));
      const sequences = appended.map((one) => {
        const outcome = unwrap(one);
        return outcome.outcome === 'appended' ? outcome.sequence : 0;
      });
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      expect(new Set(sequences).size).toBe(600);
    });

    it('append after what was expected to be the newest, else not', async () => {
      expect(unwrap(await stream.append(alice(), leaseOf('1'), { expectLast: 0 })).outcome).toBe('appended');
      expect(unwrap(await stream.append(alice(), leaseOf('2'), { expectLast: 0 }))).toEqual({ outcome: 'conflict' });
    });

    it('store a message of one id once', async () => {
      const once = unwrap(await stream.append(alice(), leaseOf('1'), { messageId: 'm1' }));
      expect(unwrap(await stream.append(alice(), leaseOf('1'), { messageId: 'm1' }))).toEqual(once);
      expect(unwrap(await stream.read(alice(), { from: 0, limit: 10 }))).toHaveLength(1);
    });

    it('refuse for good what NATS is too small for', async () => {
      expect(reasonOf(await stream.append(alice(), leaseOf('x'.repeat(1_100_000))))).toBe('refused');
    });

    it('purge one subject, wholly or up to a sequence, and remove one message', async () => {
      for (const owner of ['1', '2', '3']) await sequenceOf(alice(), owner);
      const fourth = await sequenceOf(alice(), '4');
      await sequenceOf(bob(), '5');
      expect(unwrap(await stream.purge(alice(), fourth - 1))).toBe(2);
      expect(unwrap(await stream.next(alice(), 0))?.message.owner).toBe('3');
      expect(unwrap(await stream.remove(fourth))).toBe(true);
      expect(unwrap(await stream.remove(fourth))).toBe(false);
      expect(unwrap(await stream.purge(alice()))).toBe(1);
      expect(unwrap(await stream.next(alice(), 0))).toBeUndefined();
      expect(unwrap(await stream.last(bob()))?.message.owner).toBe('5');
    });

    it('keep so many of a subject as they are defined to', async () => {
      number++;
      stream = bus.stream(definition({ maxPerSubject: 2 }), lease.Holding);
      for (const owner of ['1', '2', '3']) await sequenceOf(alice(), owner);
      const read = unwrap(await stream.read(alice(), { from: 0, limit: 10 }));
      expect(read.map((stored) => stored.message.owner)).toEqual(['2', '3']);
    });

    it('follow a definition that changed', async () => {
      for (const owner of ['1', '2', '3']) await sequenceOf(alice(), owner);
      const again = await under.connect();
      const changed = again.stream(definition({ maxPerSubject: 10 }), lease.Holding);
      expect(unwrap(await changed.read(alice(), { from: 0, limit: 10 }))).toHaveLength(3);
      await again.drain();
    });

    it('fail at once while NATS is away, and have what was acknowledged afterwards', async () => {
      const stored = await sequenceOf(alice(), '1');
      await under.goAway();
      await eventually(() => {
        expect(bus.state).toBe('disconnected');
      });
      expect(reasonOf(await stream.append(alice(), leaseOf('2')))).toBe('disconnected');
      await under.comeBack();
      await eventually(async () => {
        expect(unwrap(await stream.last(alice()))?.sequence).toBe(stored);
      });
    });
  });
}
