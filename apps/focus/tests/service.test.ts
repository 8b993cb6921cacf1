import { createMemoryBroker, connectBus } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { groupSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { parseMsrpMedia, parseSdp } from '@parley/sdp';
import type { RunningService } from '@parley/service';
import { systemClock } from '@parley/service';
import { field, read, readRaw, readRawAll } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { eventually, startNats, testContext } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite, request } from './messages.ts';
import { command, hearRoster, sip, startEdge, startNicknames, startSwitch } from './peers.ts';

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

function tagOf(response: SipResponse): string {
  return unwrap(read(response, field.to))?.tag ?? '';
}

describe.each(places)('focus %s', (_, open) => {
  let place: Place;
  let bus: Bus;
  let service: RunningService;

  beforeAll(async () => {
    place = await open();
    bus = await place.connect('test');
    service = startFocus(testContext('focus', { environment }), await place.connect('focus'));
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
    await place[Symbol.asyncDispose]();
  });

  it('lets somebody in and out: INVITE, ACK, bound, BYE (draft-ietf-simple-chat-03 §5.2)', async () => {
    const room = 'sip:lobby@chat.localhost';
    const mixer = startSwitch(bus, 'm1');
    const edge = startEdge(bus, 'e1');
    const nicknames = startNicknames(bus, room);
    const roster = hearRoster(bus, room);
    const joined = await sip(bus, room, invite(), { identity: 'sip:alice@localhost' });

    expect(joined.statusCode).toBe(200);
    expect(readRaw(joined, 'Contact')).toContain('<sip:lobby@chat.localhost>');
    expect(readRaw(joined, 'Contact')).toMatch(/;isfocus/);
    expect(readRawAll(joined, 'Record-Route')).toEqual(['<sip:token@127.0.0.1:5060;transport=tcp;lr>']);
    expect(tagOf(joined)).toHaveLength(26);
    const answer = unwrap(parseSdp(joined.body));
    const msrp = unwrap(parseMsrpMedia(answer, answer.media[0]!));
    expect(msrp.path[0]).toContain('msrp://127.0.0.1:2855/');
    expect(msrp.chatroom).toEqual(['nickname', 'nicknames', 'private-messages']);
    const [opened] = mixer.of('open');
    expect(opened).toMatchObject({ identity: 'sip:alice@localhost', privateMessages: true, nicknames: true });
    expect(opened?.peerPath).toEqual(['msrp://127.0.0.1:7654/jshA7weztas;tcp']);

    const participant = opened?.participant ?? '';
    const session = `s-${participant}`;
    await command(bus, room, { kind: 'participantBound', value: { participant, session } });
    await command(bus, room, { kind: 'nicknameChanged', value: { participant, nickname: 'Alice in W.' } });
    const shown = await command(bus, room, { kind: 'show', value: { identity: 'sip:bob@localhost' } });
    expect(shown).toMatchObject({
      kind: 'room',
      value: {
        participants: [{ uri: 'sip:alice@localhost', nickname: 'Alice in W.', bound: true, displayName: 'alice' }],
      },
    });
    const version = shown?.kind === 'room' ? shown.value.version : 0;

    const bye = request({ method: 'BYE', toTag: tagOf(joined), cSeq: 2 });
    expect((await sip(bus, room, bye, { commandId: 'bye' })).statusCode).toBe(200);
    expect((await sip(bus, room, bye, { commandId: 'bye' })).statusCode).toBe(200);
    expect((await sip(bus, room, bye)).statusCode).toBe(481);
    await eventually(() => {
      // What happens at once is told at once, but all that a room that was shown has in it is told before.
      expect(roster.map((news) => news.version)).toEqual(roster.map((_, at) => at + 1));
      expect(roster.at(-1)).toMatchObject({ version: version + 1, deleted: true, left: [participant] });
      expect(roster.flatMap(({ joined }) => joined.map(({ id }) => id))).toEqual([participant]);
      expect(mixer.of('close')).toMatchObject([{ session }]);
      expect(nicknames).toMatchObject([{ command: { kind: 'release', value: { holder: 'sip:alice@localhost' } } }]);
    });
    expect(edge.sent).toEqual([]);
    expect(await command(bus, room, { kind: 'show', value: { identity: '' } })).toMatchObject({
      kind: 'refusal',
      value: { status: 404 },
    });
    await mixer.die();
  });

  it('deletes a room: everybody gets a BYE over its own flow (RFC 4353 §5.4), and the operator can see it happen', async () => {
    const room = 'sip:doomed@chat.localhost';
    const mixer = startSwitch(bus, 'm2');
    const edge = startEdge(bus, 'e1');
    expect(await command(bus, room, { kind: 'create', value: { policy: undefined } }, 'make')).toMatchObject({
      kind: 'room',
      value: { uri: room, version: 1, policy: { persistent: true, maxSize: 10_485_760 } },
    });
    expect(await command(bus, room, { kind: 'create', value: { policy: undefined } }, 'make')).toMatchObject({
      kind: 'room',
    });
    expect(await command(bus, room, { kind: 'create', value: { policy: undefined } })).toMatchObject({
      value: { status: 409 },
    });
    for (const user of ['carol', 'dave']) {
      const joined = await sip(bus, room, invite({ room, user }), { identity: `sip:${user}@localhost`, flow: user });
      expect(joined.statusCode).toBe(200);
    }
    expect(await command(bus, room, { kind: 'announce', value: { text: 'bye' } })).toMatchObject({ kind: 'done' });
    const listed = unwrap(
      await bus.request(
        groupSubject('focus', 'rooms'),
        rpc.rooms,
        { limit: 10, cursor: '' },
        { deadline: systemClock.now() + 30_000 },
      ),
    );
    expect(listed.items).toMatchObject([{ uri: room, participants: [{}, {}] }]);
    expect(await command(bus, room, { kind: 'delete', value: {} })).toMatchObject({ kind: 'done' });
    await eventually(() => {
      expect(edge.sent.map(({ flow, request: sent }) => [flow, sent.method]).sort()).toEqual([
        ['carol', 'BYE'],
        ['dave', 'BYE'],
      ]);
      expect(mixer.of('announce')).toEqual([{ text: 'bye' }]);
      expect(mixer.of('close')).toHaveLength(2);
      expect(mixer.of('closeHub')).toHaveLength(1);
    });
    await mixer.die();
  });

  it('lets a room begin at one switch, however many come at once', async () => {
    const room = 'sip:crowd@chat.localhost';
    const switches = [startSwitch(bus, 'm6'), startSwitch(bus, 'm7')];
    const users = Array.from({ length: 20 }, (_, i) => `user${i}`);
    const answers = await Promise.all(
      users.map((user) => sip(bus, room, invite({ room, user }), { identity: `sip:${user}@localhost` })),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(users.map(() => 200));
    expect(switches.map((one) => one.of('open').length).sort((a, b) => a - b)).toEqual([0, 20]);
    await command(bus, room, { kind: 'delete', value: {} });
    for (const one of switches) await one.die();
  });

  it('places newcomers near the room until its switch is full, then elsewhere, and tells where the others are', async () => {
    const room = 'sip:overflow@chat.localhost';
    const join = async (user: string): Promise<number> =>
      (await sip(bus, room, invite({ room, user }), { identity: `sip:${user}@localhost` })).statusCode;
    const near = startSwitch(bus, 'near');
    expect([await join('a1'), await join('a2')]).toEqual([200, 200]);
    const far = startSwitch(bus, 'far');
    expect(await join('a3')).toBe(200);
    expect([near.of('open').length, far.of('open').length]).toEqual([3, 0]);
    near.fill();
    expect([await join('a4'), await join('a5')]).toEqual([200, 200]);
    expect(far.of('open').map(({ switches }) => switches?.items)).toEqual([['near'], ['near', 'far']]);
    far.fill();
    expect(await join('a6')).toBe(503);
    await command(bus, room, { kind: 'delete', value: {} });
    await Promise.all([near.die(), far.die()]);
  });

  it('OPTIONS to a room tells that it is a focus; an unknown room is 404, an impossible name too (RFC 4579 §5.13)', async () => {
    const room = 'sip:asked@chat.localhost';
    const ask = (): Promise<SipResponse> =>
      sip(bus, room, request({ room, method: 'OPTIONS' }), { identity: 'sip:a@b' });
    expect((await ask()).statusCode).toBe(404);
    await command(bus, room, { kind: 'create', value: { policy: undefined } });
    const answer = await ask();
    expect([answer.statusCode, readRaw(answer, 'Accept')]).toEqual([200, 'application/sdp']);
    expect(readRaw(answer, 'Contact')).toContain(';isfocus');
    expect(await command(bus, 'sip:factory@chat.localhost', { kind: 'show', value: { identity: '' } })).toMatchObject({
      kind: 'refusal',
      value: { status: 404 },
    });
  });
});

describe('two focuses on one NATS', () => {
  it('a room goes on at the other when its owner leaves: same dialog, BYE, no second join', async () => {
    await using nats = await startNats();
    const connect = async (name: string): Promise<Bus> =>
      unwrap(await connectBus({ url: nats.url, name, clock: systemClock }));
    const bus = await connect('test');
    const room = 'sip:moving@chat.localhost';
    const mixer = startSwitch(bus, 'm1');
    const roster = hearRoster(bus, room);
    const first = startFocus(testContext('focus', { instance: 'f1', environment }), await connect('f1'));
    const joined = await sip(bus, room, invite({ room }), { identity: 'sip:alice@localhost', commandId: 'join' });
    const second = startFocus(testContext('focus', { instance: 'f2', environment }), await connect('f2'));
    await first.drain?.();
    await first[Symbol.asyncDispose]();
    const again = await sip(bus, room, invite({ room }), { identity: 'sip:alice@localhost', commandId: 'join' });
    expect(readRaw(again, 'To')).toBe(readRaw(joined, 'To'));
    expect(again.body).toEqual(joined.body);
    expect(mixer.of('open')).toHaveLength(1);
    await eventually(() => {
      expect(roster.at(-1)).toMatchObject({ joined: [], changed: [], left: [] });
      expect(roster.at(-1)?.version).toBeGreaterThan(1);
    });
    const bye = request({ room, method: 'BYE', toTag: tagOf(joined), cSeq: 2 });
    expect((await sip(bus, room, bye)).statusCode).toBe(200);
    await second[Symbol.asyncDispose]();
    await bus.drain();
  });
});
