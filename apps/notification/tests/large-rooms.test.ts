import { createMemoryBroker } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { systemClock } from '@parley/service';
import type { RunningService } from '@parley/service';
import { eventually, testContext } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNotification } from '../src/service.ts';
import { EdgePeer, FocusPeer, newRoom, participant, subscribe, tagOf } from './peers.ts';

const patience = { within: 60_000 };
/** Thousands of participants keep a busy machine from everything else for seconds: no lease lapses meanwhile. */
const environment = { PARLEY_LEASE_MS: '60000' };
/** Octets that a message of NATS may hold, unless configured otherwise. */
const payload = 1_048_576;

/** The service for the tests of one block, and an edge beside it. */
function startForBlock(): { readonly bus: Bus; readonly edge: EdgePeer } {
  const broker = createMemoryBroker({ clock: systemClock });
  const bus = broker.connect();
  const edge = new EdgePeer(bus, 'e1');
  let service: RunningService;
  beforeAll(() => {
    service = startNotification(testContext('notification', { environment }), broker.connect());
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
  });
  return { bus, edge };
}

describe('the roster of a large room', () => {
  const { bus, edge } = startForBlock();

  function crowdedRoom(size: number): FocusPeer {
    const focus = new FocusPeer(bus, newRoom());
    focus.change({
      joined: Array.from({ length: size }, (_, i) => participant(`user${i}`, { nickname: `User ${i}` })),
    });
    return focus;
  }

  const known = (callId: string): number => edge.knownTo(callId)?.users?.users.length ?? 0;

  it.each(['TCP', 'UDP'] as const)(
    'of 4,000 reaches a late subscriber over %s in documents that fit into a message of NATS, and of SIP',
    async (transport) => {
      const focus = crowdedRoom(4000);
      const callId = `late-${transport}`;
      await subscribe(bus, { room: focus.uri, callId, transport });
      await eventually(() => {
        expect(known(callId)).toBe(4000);
      }, patience);
      const sizes = edge.of(callId).map(({ request }) => request.body.length);
      expect(Math.max(...sizes)).toBeLessThan(transport === 'UDP' ? 60_000 : payload / 2);
      expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(payload);
      expect(
        edge
          .of(callId)
          .map(({ info }) => info?.state)
          .slice(0, 2),
      ).toEqual(['full', 'partial']);
      expect(edge.of(callId).map(({ info }) => info?.version)).toEqual(sizes.map((_size, at) => at + 1));
    },
  );

  it('is fetched whole, and the subscription ends with the last document (RFC 6665 §4.4.3)', async () => {
    const focus = crowdedRoom(2000);
    await subscribe(bus, { room: focus.uri, callId: 'fetch', expires: 0 });
    await eventually(() => {
      expect(known('fetch')).toBe(2000);
    }, patience);
    const states = edge.of('fetch').map(({ state }) => state);
    expect(states.length).toBeGreaterThan(1);
    expect(new Set(states.slice(0, -1))).toEqual(new Set(['active;expires=0']));
    expect(states.at(-1)).toBe('terminated;reason=timeout');
  });

  it('tells who came and who went, not the others, by partial documents', async () => {
    const focus = crowdedRoom(300);
    await subscribe(bus, { room: focus.uri, callId: 'news' });
    await eventually(() => {
      expect(known('news')).toBe(300);
    }, patience);
    const before = edge.of('news').length;
    focus.change({ joined: [participant('new')], left: ['user0'] });
    await eventually(() => {
      expect(edge.knownTo('news')?.users?.users.at(-1)?.entity).toBe('sip:new@localhost');
    }, patience);
    const [told] = edge.of('news').slice(before);
    expect(told?.info).toMatchObject({
      state: 'partial',
      users: { state: 'partial' },
      conferenceState: { userCount: 300 },
    });
    expect(told?.info?.users?.users.map(({ entity, state }) => [entity, state])).toEqual([
      ['sip:new@localhost', 'full'],
      ['sip:user0@localhost', 'deleted'],
    ]);
    expect(known('news')).toBe(300);
  });

  it('tells a subscriber whole who did not take the last document, and not before there is news', async () => {
    const focus = crowdedRoom(50);
    await subscribe(bus, { room: focus.uri, callId: 'complaint' });
    await eventually(() => {
      expect(known('complaint')).toBe(50);
    }, patience);
    edge.status = 500;
    focus.change({ joined: [participant('one')] });
    await eventually(() => {
      expect(edge.of('complaint').at(-1)?.info?.state).toBe('partial');
    }, patience);
    const count = edge.of('complaint').length;
    edge.status = 200;
    focus.change({ joined: [participant('two')] });
    await eventually(() => {
      expect(edge.of('complaint').at(-1)?.info).toMatchObject({ state: 'full', conferenceState: { userCount: 52 } });
    }, patience);
    expect(edge.of('complaint')).toHaveLength(count + 1);
  });

  it('tells a subscriber whole who refreshes (RFC 6665 §4.2.1.4, RFC 4575 §3.5)', async () => {
    const focus = crowdedRoom(50);
    const toTag = tagOf(await subscribe(bus, { room: focus.uri, callId: 'refreshed' }));
    await eventually(() => {
      expect(known('refreshed')).toBe(50);
    }, patience);
    await subscribe(bus, { room: focus.uri, callId: 'refreshed', toTag, cSeq: 2 });
    await eventually(() => {
      expect(edge.of('refreshed').map(({ info }) => info?.state)).toEqual(['full', 'full']);
    }, patience);
  });

  it('does not tell each of many of each who joins: a crowd that comes costs each subscriber a few NOTIFYs', async () => {
    const [watchers, joiners] = [60, 300];
    const focus = crowdedRoom(1);
    const callIds = Array.from({ length: watchers }, (_, i) => `rush-${i}`);
    await Promise.all(callIds.map((callId) => subscribe(bus, { room: focus.uri, callId })));
    await eventually(() => {
      expect(callIds.map((callId) => edge.of(callId).length)).toEqual(callIds.map(() => 1));
    }, patience);
    for (let i = 0; i < joiners; i++) focus.change({ joined: [participant(`late${i}`)] });
    await eventually(() => {
      for (const callId of callIds) {
        expect(edge.of(callId).at(-1)?.info?.conferenceState?.userCount).toBe(joiners + 1);
      }
    }, patience);
    expect(callIds.map(known)).toEqual(callIds.map(() => joiners + 1));
    const told = callIds.reduce((sum, callId) => sum + edge.of(callId).length, 0);
    expect(told).toBeLessThan((watchers * joiners) / 5);
    expect(focus.shown).toBeLessThan(watchers + 10);
  });

  it('goes on at the events that came while the focus was asked, without asking again', async () => {
    const focus = crowdedRoom(2500);
    const subscribed = subscribe(bus, { room: focus.uri, callId: 'asked' });
    for (let i = 0; i < 200; i++) {
      focus.change({ joined: [participant(`late${i}`)] });
      await Promise.resolve();
    }
    await subscribed;
    for (let i = 200; i < 400; i++) focus.change({ joined: [participant(`late${i}`)] });
    await eventually(() => {
      expect(known('asked')).toBe(2900);
    }, patience);
    expect(focus.shown).toBeLessThan(10);
  });
});

describe('the rates that a subscriber asks for (RFC 6446)', () => {
  const { bus, edge } = startForBlock();

  it('MUST NOT be told sooner than the reciprocal of max-rate, but at once upon a SUBSCRIBE (§5.2)', async () => {
    const focus = new FocusPeer(bus, newRoom());
    const event = 'conference;max-rate=0.005';
    const toTag = tagOf(await subscribe(bus, { room: focus.uri, callId: 'slow', event }));
    await eventually(() => {
      expect(edge.of('slow').map(({ state }) => state)).toEqual(['active;expires=600;max-rate=0.005']);
    }, patience);
    for (let i = 0; i < 5; i++) focus.change({ joined: [participant(`u${i}`)] });
    let refreshes = 0;
    await eventually(async () => {
      await subscribe(bus, { room: focus.uri, callId: 'slow', toTag, cSeq: ++refreshes + 1, event });
      await eventually(() => {
        expect(edge.of('slow')).toHaveLength(refreshes + 1);
      });
      expect(edge.of('slow').at(-1)?.info?.users?.users).toHaveLength(5);
    });
  });

  it('MUST be told the whole state when the reciprocal of min-rate has passed (§6.2)', async () => {
    const focus = new FocusPeer(bus, newRoom());
    await subscribe(bus, { room: focus.uri, callId: 'steady', event: 'conference;min-rate=5' });
    await eventually(() => {
      expect(edge.of('steady').length).toBeGreaterThan(1);
    }, patience);
    const [first, second] = edge.of('steady');
    expect(first?.state).toMatch(/;min-rate=1$/);
    expect([first?.info?.version, second?.info?.version, second?.info?.state]).toEqual([1, 2, 'full']);
  });

  it('changes the rates by the Event of its answer (§9.3)', async () => {
    const focus = new FocusPeer(bus, newRoom());
    edge.fields = [['Event', 'conference;max-rate=20']];
    await subscribe(bus, { room: focus.uri, callId: 'changed' });
    await eventually(() => {
      expect(edge.of('changed')).toHaveLength(1);
    }, patience);
    focus.change({ joined: [participant('a')] });
    await eventually(() => {
      expect(edge.of('changed').at(-1)?.state).toMatch(/^active;expires=\d+;max-rate=20$/);
    }, patience);
  });
});
