import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lease } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SystemClock } from '@parley/service';
import { eventually, freePort, startNats } from '@parley/testing';
import type { NatsServer } from '@parley/testing';
import { connectBus, rawBytes } from '../src/index.ts';
import type { Bus } from '../src/index.ts';
import type { BusUnderTest } from './bus-suite.ts';
import { describeMessages, leaseOf } from './bus-suite.ts';
import { describeLeases } from './lease-suite.ts';
import { describeObjects } from './object-suite.ts';
import { describeBuckets, describeStreams } from './store-suite.ts';

async function start(): Promise<BusUnderTest> {
  const server = await startNats();
  const clock = new SystemClock();
  return {
    connect: async () => unwrap(await connectBus({ url: server.url, name: 'test', clock })),
    goAway: () => server.kill9(),
    comeBack: () => server.restart(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describeMessages('NATS', start);
describeBuckets('NATS', start);
describeStreams('NATS', start);
describeObjects('NATS', start);
describeLeases('NATS', start);

describe('NATS, beyond what memory can stand in for', () => {
  let server: NatsServer;
  let bus: Bus;

  beforeAll(async () => {
    server = await startNats();
    bus = unwrap(await connectBus({ url: server.url, name: 'test', clock: new SystemClock() }));
  });
  afterAll(async () => {
    await bus.drain();
    await server[Symbol.asyncDispose]();
  });

  it('a store that comes back without its files is made anew, and watchers hear what is gone', async () => {
    const definition = { name: 'lost', description: 'of a test', maxValueSize: 4096 };
    const bucket = bus.bucket(definition, lease.Holding);
    unwrap(await bucket.put('a', leaseOf('x')));
    const events: string[] = [];
    const watch = bucket.watch('', { changed: (event) => events.push(`${event.kind} ${event.key}`) });
    await eventually(() => {
      expect(events).toEqual(['put a']);
    });
    await server.restart({ losingFiles: true });
    await eventually(async () => {
      expect(unwrap(await bucket.create('b', leaseOf('y')))).toMatchObject({ outcome: 'created' });
    });
    await eventually(() => {
      expect([...events].sort()).toEqual(['delete a', 'put a', 'put b']);
    });
    watch.stop();
  });

  it('a listing ends though what it was promised is overwritten meanwhile', async () => {
    const definition = { name: 'vanishing', description: 'of a test', maxValueSize: 4096 };
    const bucket = bus.bucket(definition, lease.Holding);
    for (const key of ['a', 'b', 'c']) unwrap(await bucket.put(key, leaseOf('x')));
    for (let i = 0; i < 5; i++) {
      // In one turn, so that they reach the server together.
      const listing = bucket.keys('');
      unwrap(await bucket.put('c', leaseOf('y')));
      expect(unwrap(await listing)).toEqual(expect.arrayContaining(['a', 'b']));
    }
  });

  it('a value whose time to live ran out while NATS was away is told as a deletion', async () => {
    const definition = { name: 'expiring', description: 'of a test', maxValueSize: 4096, ttl: 1_000 };
    const bucket = bus.bucket(definition, lease.Holding);
    const events: string[] = [];
    const watch = bucket.watch('', { changed: (event) => events.push(`${event.kind} ${event.key}`) });
    await eventually(async () => {
      unwrap(await bucket.put('a', leaseOf('x')));
      expect(events.at(-1)).toBe('put a');
    });
    await server.kill9();
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // the server's own clock, which nobody can simulate
    await server.restart();
    await eventually(() => {
      expect(events.at(-1)).toBe('delete a');
    });
    watch.stop();
  });

  it('a server that was killed does not keep what fed the watches of before', async () => {
    const definition = { name: 'fed', description: 'of a test', maxValueSize: 4096 };
    const bucket = bus.bucket(definition, lease.Holding);
    const watches = ['', 'a.', 'b.'].map((prefix) => bucket.watch(prefix, { changed: () => {} }));
    const raw = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    const manager = await jetstreamManager(raw, { checkAPI: false, timeout: 500 });
    const consumers = async (): Promise<readonly string[]> => {
      const found: string[] = [];
      for await (const { name } of manager.consumers.list('KV_fed')) found.push(name);
      return found;
    };
    const before = await eventually(async () => {
      const found = await consumers();
      expect(found).toHaveLength(watches.length);
      return found;
    });
    await server.kill9();
    await server.restart();
    await eventually(async () => {
      const after = await consumers();
      expect(after).toHaveLength(watches.length);
      expect(after.filter((name) => before.includes(name))).toEqual([]);
    });
    for (const watch of watches) watch.stop();
    await raw.close();
  });

  it('a copy kept by a watch equals the bucket after NATS was killed amid writes', async () => {
    const definition = { name: 'copied', description: 'of a test', maxValueSize: 4096 };
    const bucket = bus.bucket(definition, lease.Holding);
    const copy = new Map<string, number>();
    const watch = bucket.watch('', {
      changed: (event) => {
        if (event.kind === 'put') copy.set(event.key, event.revision);
        else copy.delete(event.key);
      },
    });
    const writing = new AbortController();
    const writer = (async () => {
      for (let i = 0; !writing.signal.aborted; i++) {
        const key = `k.${(i * 7) % 300}`;
        const written = i % 11 === 10 ? await bucket.delete(key) : await bucket.put(key, leaseOf(String(i)));
        if (!written.ok) await new Promise(setImmediate); // failures come at once while NATS is away
      }
    })();
    await eventually(() => {
      expect(copy.size).toBeGreaterThan(50); // a few, as each costs a round trip
    });
    await server.kill9();
    await server.restart();
    await eventually(() => {
      expect(bus.state).toBe('connected');
    });
    await eventually(async () => {
      expect((await bucket.get('k.0')).ok).toBe(true);
    });
    writing.abort();
    await writer;
    await eventually(async () => {
      const entries = unwrap(await bucket.entries());
      expect(new Map([...copy].sort())).toEqual(
        new Map(entries.map(({ key, revision }) => [key, revision] as const).sort()),
      );
    });
    watch.stop();
  });

  it('other tools read a bucket as one of NATS', async () => {
    const bucket = bus.bucket({ name: 'shared', description: 'of a test', maxValueSize: 4096 }, rawBytes);
    unwrap(await bucket.put('a.b', new TextEncoder().encode('hello')));
    unwrap(await bucket.put('gone', Uint8Array.of(1)));
    unwrap(await bucket.delete('gone'));
    const connection = await connect({ servers: server.url });
    const theirs = await new Kvm(connection).open('shared');
    expect((await theirs.get('a.b'))?.string()).toBe('hello');
    expect((await theirs.get('gone'))?.operation).toBe('DEL');
    await connection.close();
  });

  it('a first connection that never comes fails in the time given; a wrong URL at once', async () => {
    const clock = new SystemClock();
    const nowhere = `nats://127.0.0.1:${await freePort()}`;
    const late = await connectBus({ url: nowhere, name: 'test', clock, within: 100 });
    expect(late).toMatchObject({ ok: false, error: { reason: 'disconnected', retryable: true } });
    const wrong = await connectBus({ url: 'http://x y', name: 'test', clock });
    expect(wrong).toMatchObject({ ok: false, error: { reason: 'refused', retryable: false } });
    const aborted = connectBus({ url: nowhere, name: 'test', clock, signal: AbortSignal.abort() });
    expect((await aborted).ok).toBe(false);
  });

  it('a bus that waits for its first NATS finds it when it comes', async () => {
    await server.stop();
    const waiting = connectBus({ url: server.url, name: 'test', clock: new SystemClock() });
    await server.restart();
    const found = unwrap(await waiting);
    expect(found.state).toBe('connected');
    await found.drain();
  });
});
