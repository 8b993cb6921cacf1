import { createMemoryBroker, connectBus } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { parseMsrpMedia, parseSdp } from '@parley/sdp';
import type { RunningService } from '@parley/service';
import { systemClock } from '@parley/service';
import { field, read, readRaw, readRawAll } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { eventually, startNats, testContext } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite, offer, request } from './messages.ts';
import { command, hearRoster, sip, startEdge, startNicknames, startSwitch } from './peers.ts';

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
        version: 3,
        participants: [{ uri: 'sip:alice@localhost', nickname: 'Alice in W.', bound: true, displayName: 'alice' }],
      },
    });

    const bye = request({ method: 'BYE', toTag: tagOf(joined), cSeq: 2 });
    expect((await sip(bus, room, bye, { commandId: 'bye' })).statusCode).toBe(200);
    expect((await sip(bus, room, bye, { commandId: 'bye' })).statusCode).toBe(200);
    expect((await sip(bus, room, bye)).statusCode).toBe(481);
    await eventually(() => {
      expect(roster.map(({ version, deleted }) => [version, deleted])).toEqual([
        [1, false],
        [2, false],
        [3, false],
        [4, true],
      ]);
      expect(mixer.of('close')).toMatchObject([{ session }]);
      expect(nicknames).toMatchObject([{ command: { kind: 'release', value: { holder: 'sip:alice@localhost' } } }]);
    });
    expect(edge.sent).toEqual([]);
    expect(await command(bus, room, { kind: 'show', value: { identity: '' } })).toMatchObject({
      kind: 'refusal',
      value: { status: 404 },
    });
    await mixer.die();
    expect(offer()).toContain('a=path');
  });
});
