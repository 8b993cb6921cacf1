import { createMemoryBroker, connectBus } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import type { RunningService } from '@parley/service';
import { systemClock } from '@parley/service';
import { readRaw } from '@parley/sip';
import { eventually, startNats, testContext } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNotification } from '../src/service.ts';
import { EdgePeer, FocusPeer, participant, subscribe, tagOf } from './peers.ts';

const environment = { PARLEY_LEASE_MS: '1500' };

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
        connect: async (name) => unwrap(await connectBus({ url: nats.url, name, clock: systemClock, within: 10_000 })),
        [Symbol.asyncDispose]: () => nats[Symbol.asyncDispose](),
      };
    },
  ],
];

let rooms = 0;

function newRoom(): string {
  return `sip:room${++rooms}@chat.localhost`;
}

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
    expect(notice?.state).toMatch(/^active;expires=(600|599)$/);
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
});
