import type { Bucket, Bus } from '@parley/bus';
import { buckets, edge as contract, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { readRaw, readRawAll } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../../support/phone.ts';
import { memoryBroker, startTestEdge } from '../../support/test-edge.ts';
import type { TestEdge } from '../../support/test-edge.ts';

describe('REGISTER on the wire (RFC 3261 §10.3)', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge();
  });
  afterAll(() => edge[Symbol.asyncDispose]());

  it('challenges by 401, and its 200 lists all bindings with what is left of their time, and Date (steps 3, 8)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    expect((await alice.ask('REGISTER', 'sip:localhost', { to: 'sip:alice@localhost' })).statusCode).toBe(401);
    await alice.register('<sip:alice@127.0.0.1:6001>;expires=300;q=0.7;+sip.instance="<urn:uuid:a>";reg-id=2');
    const second = await alice.register('<sip:alice@127.0.0.1:6002>', ['Expires: 120']);
    expect(second.statusCode).toBe(200);
    expect(readRawAll(second, 'Contact')).toEqual([
      '<sip:alice@127.0.0.1:6001>;q=0.7;expires=300;+sip.instance="<urn:uuid:a>";reg-id=2',
      '<sip:alice@127.0.0.1:6002>;expires=120',
    ]);
    expect(readRaw(second, 'Date')).toMatch(/GMT$/);
    const query = await alice.request('REGISTER', 'sip:localhost', { to: 'sip:alice@localhost' });
    expect(readRawAll(query, 'Contact')).toHaveLength(2);
    const none = await alice.register('*', ['Expires: 0']);
    expect([none.statusCode, readRawAll(none, 'Contact')]).toEqual([200, []]);
  });

  it('MUST answer 423 with Min-Expires to a time that is too brief (step 7)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    const brief = await alice.register(`${alice.contact};expires=30`);
    expect([brief.statusCode, readRaw(brief, 'Min-Expires')]).toEqual([423, '60']);
  });

  it('answers 403 to a third party, 404 to another domain, 400 to * without Expires: 0 (steps 4, 5, 6)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    const to = (uri: string) => alice.request('REGISTER', 'sip:localhost', { to: uri, fields: ['Contact: <sip:a@b>'] });
    expect((await to('sip:bob@localhost')).statusCode).toBe(403);
    expect((await to('sip:alice@example.net')).statusCode).toBe(404);
    expect((await alice.register('*')).statusCode).toBe(400);
    expect((await alice.register('<sip:alice@')).statusCode).toBe(400);
  });

  it('routes by Path (RFC 3327 §5.3)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    await using proxy = await Phone.udp(edge.port, 'bob');
    await alice.register('<sip:alice@192.0.2.1:9>', [
      `Path: <sip:p1@${proxy.local};lr>`,
      'Path: <sip:p2@192.0.2.9;lr>',
      'Supported: path',
    ]);
    await using bob = await Phone.udp(edge.port, 'bob');
    const sent = bob.message('sip:alice@localhost');
    const got = await proxy.incoming();
    expect(got.requestUri).toBe('sip:alice@192.0.2.1:9');
    expect(readRawAll(got, 'Route')).toEqual([`<sip:p1@${proxy.local};lr>`, '<sip:p2@192.0.2.9;lr>']);
    proxy.answer(got, 200);
    expect((await sent).statusCode).toBe(200);
  });

  it('reaches a device behind a NAT by where its REGISTER came from (RFC 3581 §4)', async () => {
    await using carol = await Phone.udp(edge.port, 'carol');
    await carol.register('<sip:carol@10.1.2.3:5060>');
    await using bob = await Phone.udp(edge.port, 'bob');
    const sent = bob.message('sip:carol@localhost');
    const got = await carol.incoming();
    expect(got.requestUri).toBe('sip:carol@10.1.2.3:5060');
    carol.answer(got, 200);
    expect((await sent).statusCode).toBe(200);
  });

  it('reaches a device at another port of the host that its REGISTER came from', async () => {
    await using device = await Phone.udp(edge.port, 'carol');
    await using other = await Phone.udp(edge.port, 'carol');
    await device.register('*', ['Expires: 0']);
    await other.register(`<sip:carol@${device.local}>`);
    await using bob = await Phone.udp(edge.port, 'bob');
    const sent = bob.message('sip:carol@localhost');
    device.answer(await device.incoming(), 200);
    expect((await sent).statusCode).toBe(200);
  });

  it('reaches a device by its connection when nobody listens at its contact (RFC 5626 §5.3)', async () => {
    await using carol = await Phone.tcp(edge.port, 'carol');
    await carol.register('*', ['Expires: 0']);
    await carol.register('<sip:carol@abc.invalid;transport=tcp>');
    await using bob = await Phone.tcp(edge.port, 'bob');
    const sent = bob.message('sip:carol@localhost');
    const got = await carol.incoming();
    expect(got.requestUri).toBe('sip:carol@abc.invalid;transport=tcp');
    carol.answer(got, 200);
    expect((await sent).statusCode).toBe(200);
  });
});

describe('A REGISTER of an account that is removed while its bindings are stored', () => {
  /** The same, with some of its parts exchanged. */
  function overriding<T extends object>(target: T, changed: Partial<T>): T {
    return new Proxy(target, {
      get: (of, name): unknown => {
        const part: unknown = Reflect.get(name in changed ? changed : of, name);
        return part instanceof Function ? (part.bind(of) as unknown) : part;
      },
    });
  }

  /** A bus on which a write of a binding waits for something else to be done first. */
  function withSlowBindings(bus: Bus, before: () => Promise<unknown>): Bus {
    const slow = <T>(bucket: Bucket<T>): Bucket<T> =>
      overriding(bucket, {
        put: async (key, value) => {
          await before();
          return await bucket.put(key, value);
        },
      });
    return overriding(bus, {
      bucket: (definition, codec) => {
        const bucket = bus.bucket(definition, codec);
        return definition.name === buckets.bindings.name ? slow(bucket) : bucket;
      },
    });
  }

  it('is refused, and leaves nothing to whoever gets the name next', async () => {
    const broker = memoryBroker();
    const bus = broker.connect();
    const remove = (): Promise<unknown> => {
      const command = { kind: 'remove', value: { name: 'alice' } } as const;
      return bus.request('edge.accounts', rpc.accounts, { commandId: 'c', command }, { deadline: Infinity });
    };
    await using edge = await startTestEdge({ bus: withSlowBindings(broker.connect(), remove) });
    await using alice = await Phone.udp(edge.port, 'alice');
    expect((await alice.register()).statusCode).toBe(404);
    const left = unwrap(await bus.bucket(buckets.bindings, contract.BindingRecord).keys());
    expect(left).toEqual([]);
  });
});

describe('Two edges on one bus', () => {
  it("reach each other's devices, and a dead edge's connections are passed over", async () => {
    const broker = memoryBroker();
    await using one = await startTestEdge({ bus: broker.connect(), instance: 'e1' });
    await using two = await startTestEdge({ bus: broker.connect(), instance: 'e2' });
    await using alice = await Phone.udp(one.port, 'alice');
    await using bob = await Phone.tcp(two.port, 'bob');
    await bob.register();
    const sent = alice.message('sip:bob@localhost', 'over the bus');
    const got = await bob.incoming();
    expect(Buffer.from(got.body).toString()).toBe('over the bus');
    expect(readRaw(got, 'Max-Forwards')).toBe('69');
    bob.answer(got, 202, 'Taken');
    const answer = await sent;
    expect([answer.statusCode, answer.reasonPhrase]).toEqual([202, 'Taken']);
    expect(readRawAll(answer, 'Via')).toHaveLength(1);
  });
});
