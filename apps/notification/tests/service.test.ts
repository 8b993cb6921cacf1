import { createMemoryBroker, connectBus } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import type { RunningService } from '@parley/service';
import { systemClock } from '@parley/service';
import { readRaw } from '@parley/sip';
import { eventually, startNats, testContext } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNotification } from '../src/service.ts';
import { EdgePeer, FocusPeer, newRoom, participant, subscribe, tagOf } from './peers.ts';

const environment = { PARLEY_LEASE_MS: '9000' };

interface Place extends AsyncDisposable {
  connect(name: string): Promise<Bus>;
}

const places: readonly (readonly [string, () => Promise<Place>])[] = [
  [
    'in memory',
    () => {
      const broker = createMemoryBroker({ clock: systemClock });
      return Promise.resolve({
        connect: () => Promise.resolve(broker.connect()),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
  ],
  [
    'over NATS',
    async () => {
      const nats = await startNats();
      return {
        connect: async (name) => unwrap(await connectBus({ url: nats.url, name, clock: systemClock })),
        [Symbol.asyncDispose]: () => nats[Symbol.asyncDispose](),
      };
    },
  ],
];

describe.each(places)('conference notification service %s', (_, open) => {
  let place: Place;
  let bus: Bus;
  let edge: EdgePeer;
  let service: RunningService;

  beforeAll(async () => {
    place = await open();
    bus = await place.connect('test');
    edge = new EdgePeer(bus, 'e1');
    service = startNotification(testContext('notification', { environment }), await place.connect('notification'));
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
    await place[Symbol.asyncDispose]();
  });

  it('MUST answer 200 with Expires and send a NOTIFY with full state at once (RFC 6665 §4.2.1.2, RFC 4575 §3.2)', async () => {
    const room = newRoom();
    const focus = new FocusPeer(bus, room);
    focus.change({ joined: [participant('alice', { nickname: 'Ali', displayName: 'Alice' }), participant('bob')] });
    const response = await subscribe(bus, { room, callId: 'full' });
    expect(response.statusCode).toBe(200);
    expect(readRaw(response, 'Expires')).toBe('600');
    expect(readRaw(response, 'Contact')).toBe(`<${room}>;isfocus`);
    expect(tagOf(response)).toHaveLength(26);
    const [notice] = await eventually(() => {
      expect(edge.of('full')).toHaveLength(1);
      return edge.of('full');
    });
    expect(notice?.state).toMatch(/^active;expires=(600|5[5-9]\d)$/);
    expect(readRaw(notice!.request, 'Event')).toBe('conference');
    expect(readRaw(notice!.request, 'Route')).toBe('<sip:token@127.0.0.1:5060;transport=tcp;lr>');
    expect(notice!.request.requestUri).toBe('sip:bob@127.0.0.1:5555;transport=tcp');
    expect(notice?.info).toMatchObject({
      entity: room,
      state: 'full',
      version: 1,
      conferenceState: { userCount: 2 },
      users: {
        users: [
          {
            entity: 'sip:alice@localhost',
            nickname: 'Ali',
            displayText: 'Alice',
            endpoints: [{ status: 'connected' }],
          },
          { entity: 'sip:bob@localhost' },
        ],
      },
    });
  });

  it('tells each change of the roster with the next version, and the end of the room (RFC 4575 §3.3, §3.6)', async () => {
    const room = newRoom();
    const focus = new FocusPeer(bus, room);
    await subscribe(bus, { room, callId: 'life' });
    await eventually(() => {
      expect(edge.of('life')).toHaveLength(1);
    });
    await eventually(() => {
      expect(focus.shown).toBe(2);
    });
    focus.change({ joined: [participant('alice')] });
    await eventually(() => {
      expect(edge.of('life')).toHaveLength(2);
    });
    focus.change({ changed: [participant('alice', { nickname: 'Ali' })] });
    await eventually(() => {
      expect(edge.of('life')).toHaveLength(3);
    });
    expect(focus.shown).toBeLessThanOrEqual(3);
    focus.change({ deleted: true, left: ['alice'] });
    await eventually(() => {
      expect(edge.of('life').at(-1)?.state).toBe('terminated;reason=noresource');
    });
    expect(edge.of('life').map(({ info }) => info?.version)).toEqual([1, 2, 3, undefined]);
    expect(edge.of('life').map(({ cSeq }) => cSeq)).toEqual([1, 2, 3, 4]);
    expect(edge.of('life')[2]?.info?.users?.users[0]?.nickname).toBe('Ali');
  });

  it('has one NOTIFY on its way; what changes meanwhile is told by one more', async () => {
    const room = newRoom();
    const focus = new FocusPeer(bus, room);
    await subscribe(bus, { room, callId: 'slow' });
    await eventually(() => {
      expect(edge.of('slow')).toHaveLength(1);
      expect(focus.shown).toBe(2);
    });
    const gate = Promise.withResolvers<undefined>();
    edge.gate = gate.promise;
    focus.change({ joined: [participant('u0')] });
    await eventually(() => {
      expect(edge.of('slow')).toHaveLength(2);
    });
    for (let i = 1; i < 20; i++) focus.change({ joined: [participant(`u${i}`)] });
    unwrap(await bus.flush());
    edge.gate = undefined;
    gate.resolve(undefined);
    await eventually(() => {
      expect(edge.of('slow').at(-1)?.info?.conferenceState?.userCount).toBe(20);
    });
    expect(edge.of('slow').length).toBeLessThan(6);
    expect(edge.of('slow').map(({ info }) => info?.version)).toEqual(edge.of('slow').map((_notice, at) => at + 1));
  });

  it('ends with `Expires: 0`, which is answered 200 and followed by a last NOTIFY (RFC 6665 §4.2.1.4)', async () => {
    const room = newRoom();
    new FocusPeer(bus, room);
    const first = await subscribe(bus, { room, callId: 'end' });
    const toTag = tagOf(first);
    const refreshed = await subscribe(bus, { room, callId: 'end', toTag, cSeq: 2, expires: 300 });
    expect([refreshed.statusCode, readRaw(refreshed, 'Expires')]).toEqual([200, '300']);
    const ended = await subscribe(bus, { room, callId: 'end', toTag, cSeq: 3, expires: 0 }, { commandId: 'end' });
    expect([ended.statusCode, readRaw(ended, 'Expires')]).toEqual([200, '0']);
    await eventually(() => {
      expect(edge.of('end').at(-1)?.state).toBe('terminated;reason=timeout');
    });
    await eventually(async () => {
      expect((await subscribe(bus, { room, callId: 'end', toTag, cSeq: 4 })).statusCode).toBe(481);
    });
  });

  it('fetches the state once with an initial `Expires: 0` (RFC 6665 §4.4.3)', async () => {
    const room = newRoom();
    const focus = new FocusPeer(bus, room);
    focus.change({ joined: [participant('alice')] });
    expect((await subscribe(bus, { room, callId: 'fetch', expires: 0 })).statusCode).toBe(200);
    await eventually(() => {
      expect(edge.of('fetch')).toMatchObject([
        { state: 'terminated;reason=timeout', info: { conferenceState: { userCount: 1 } } },
      ]);
    });
  });

  it('MUST be removed by a NOTIFY that is answered 481, and go on after one answered 500 (RFC 6665 §4.2.2)', async () => {
    const room = newRoom();
    const focus = new FocusPeer(bus, room);
    const toTag = tagOf(await subscribe(bus, { room, callId: 'gone' }));
    await eventually(() => {
      expect(edge.of('gone')).toHaveLength(1);
      expect(focus.shown).toBe(2);
    });
    edge.status = 500;
    focus.change({ joined: [participant('a')] });
    await eventually(() => {
      expect(edge.of('gone')).toHaveLength(2);
    });
    edge.status = 481;
    focus.change({ joined: [participant('b')] });
    await eventually(() => {
      expect(edge.of('gone')).toHaveLength(3);
    });
    edge.status = 200;
    await eventually(async () => {
      expect((await subscribe(bus, { room, callId: 'gone', toTag, cSeq: 9 })).statusCode).toBe(481);
    });
  });

  it('hands on what the focus says of a room: 404, 403 (RFC 6665 §4.2.1.3)', async () => {
    const room = newRoom();
    const focus = new FocusPeer(bus, room);
    focus.strangers.add('sip:eve@localhost');
    const refused = await subscribe(bus, { room, callId: 'eve', user: 'eve' });
    expect([refused.statusCode, readRaw(refused, 'Warning')]).toEqual([403, '399 parley "no"']);
    focus.room = undefined;
    expect((await subscribe(bus, { room, callId: 'none' })).statusCode).toBe(404);
  });

  it.each([
    ['members alone', { membersOnly: true, members: ['sip:alice@localhost'] }],
    ['banned', { banned: { items: ['sip:bob@localhost'] } }],
  ])(
    'ends with reason `rejected` when the policy lets a subscriber in no more: %s (RFC 6665 §4.2.1.3)',
    async (word, policy) => {
      const room = newRoom();
      const focus = new FocusPeer(bus, room);
      await subscribe(bus, { room, callId: `out-${word.slice(0, 3)}` });
      await eventually(() => {
        expect(edge.of(`out-${word.slice(0, 3)}`)).toHaveLength(1);
        expect(focus.shown).toBe(2);
      });
      focus.strangers.add('sip:bob@localhost');
      focus.change({}, policy);
      await eventually(() => {
        expect(edge.of(`out-${word.slice(0, 3)}`).at(-1)?.state).toBe('terminated;reason=rejected');
      });
    },
  );

  it('answers a SUBSCRIBE that comes again as before, and notifies nobody twice', async () => {
    const room = newRoom();
    new FocusPeer(bus, room);
    const first = await subscribe(bus, { room, callId: 'twice' }, { commandId: 'twice' });
    await eventually(() => {
      expect(edge.of('twice')).toHaveLength(1);
    });
    const second = await subscribe(bus, { room, callId: 'twice' }, { commandId: 'twice' });
    expect(tagOf(second)).toBe(tagOf(first));
    expect(edge.of('twice')).toHaveLength(1);
    const stranger = await subscribe(bus, { room, callId: 'twice', user: 'mallory' }, { commandId: 'twice' });
    expect(tagOf(stranger)).not.toBe(tagOf(first));
  });

  it('SHOULD answer 482 to a copy of a SUBSCRIBE by another way, while the first may have its transaction (RFC 3261 §8.2.2.2)', async () => {
    const room = newRoom();
    new FocusPeer(bus, room);
    const shape = { room, callId: 'forked' };
    new EdgePeer(bus, 'e2');
    const both = await Promise.all([subscribe(bus, shape), subscribe(bus, shape, { instance: 'e2' })]);
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([200, 482]);
    expect((await subscribe(bus, shape)).statusCode).toBe(482);
    expect((await subscribe(bus, { ...shape, user: 'carol' })).statusCode).toBe(200);
    expect((await subscribe(bus, { ...shape, cSeq: 2 })).statusCode).toBe(200);
  });

  it('takes a SUBSCRIBE that comes again by another edge when the first has died (RFC 3263 §4.3)', async () => {
    const room = newRoom();
    const focus = new FocusPeer(bus, room);
    const shape = { room, callId: 'gone-over' };
    const hold = Promise.withResolvers<undefined>();
    const dying = new EdgePeer(bus, 'dying');
    dying.gate = hold.promise;
    const lost = await subscribe(bus, shape, { instance: 'dying' });
    await eventually(() => {
      expect(dying.of('gone-over')).toHaveLength(1);
    });
    // It has not answered its NOTIFY, and never will.
    const died = dying.die();
    const taken = await eventually(async () => {
      const answer = await subscribe(bus, shape);
      expect(answer.statusCode).toBe(200);
      return answer;
    });
    expect(tagOf(taken)).not.toBe(tagOf(lost));
    focus.change({ joined: [participant('alice')] });
    await eventually(() => {
      expect(edge.of('gone-over').at(-1)?.info?.conferenceState?.userCount).toBe(1);
    });
    hold.resolve(undefined);
    await died;
  });
});

describe('two notification services on one NATS', () => {
  it('a subscription goes on at the other: higher version, higher CSeq, same dialog, and ends in time', async () => {
    await using nats = await startNats();
    const connect = async (name: string): Promise<Bus> =>
      unwrap(await connectBus({ url: nats.url, name, clock: systemClock }));
    const bus = await connect('test');
    const room = newRoom();
    const focus = new FocusPeer(bus, room);
    const edge = new EdgePeer(bus, 'e1');
    const short = { PARLEY_LEASE_MS: '3000', PARLEY_MIN_EXPIRES: '1' };
    const start = async (instance: string): Promise<RunningService> =>
      startNotification(testContext('notification', { instance, environment: short }), await connect(instance));
    const first = await start('n1');
    const toTag = tagOf(await subscribe(bus, { room, callId: 'moving' }));
    await eventually(() => {
      expect(edge.of('moving')).toHaveLength(1);
    });
    const second = await start('n2');
    await first.drain?.();
    await first[Symbol.asyncDispose]();
    await eventually(() => {
      expect(edge.of('moving')).toHaveLength(2);
    });
    focus.change({ joined: [participant('alice')] });
    await eventually(() => {
      expect(edge.of('moving').at(-1)?.info?.conferenceState?.userCount).toBe(1);
    });
    const numbers = edge.of('moving').map(({ cSeq, info }) => [cSeq, info?.version ?? 0] as const);
    for (const [at, [cSeq, version]] of numbers.entries()) {
      const [cSeqBefore, versionBefore] = numbers[at - 1] ?? [0, 0];
      expect([cSeq > cSeqBefore, version > versionBefore], JSON.stringify(numbers)).toEqual([true, true]);
    }
    expect(edge.of('moving')[1]?.info?.state).toBe('full');
    expect((await subscribe(bus, { room, callId: 'moving', toTag, cSeq: 2, expires: 1 })).statusCode).toBe(200);
    await eventually(() => {
      expect(edge.of('moving').at(-1)?.state).toBe('terminated;reason=timeout');
    });
    await second[Symbol.asyncDispose]();
    await bus.drain();
  });
});
