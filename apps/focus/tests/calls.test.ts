import { createMemoryBroker } from '@parley/bus';
import { accountKey, buckets, edge as edgeMessages } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { parseMsrpMedia, parseSdp } from '@parley/sdp';
import { systemClock } from '@parley/service';
import { createResponseTo, field, read, readRaw } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { eventually, testContext } from '@parley/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { startFocus } from '../src/service.ts';
import { invite, request } from './messages.ts';
import { command, sip, startAccounts, startEdge, startSwitch, takesAll } from './peers.ts';

const factory = 'sip:factory@chat.localhost';

describe('a focus that is asked to make rooms and to call people', () => {
  const broker = createMemoryBroker({ clock: systemClock });
  const bus = broker.connect();
  const environment = { PARLEY_LEASE_MS: '60000' };
  const service = startFocus(testContext('focus', { environment }), broker.connect());
  const mixer = startSwitch(bus, 'm1');
  const rings = new Set<string>();
  /** What the next device does before it answers. */
  let ringing: (asked: SipRequest) => void = () => {};
  const edge = startEdge(bus, 'e1', (asked: SipRequest): SipResponse => {
    const isBusy = asked.method === 'INVITE' && asked.requestUri.includes('busy');
    if (asked.method === 'INVITE') ringing(asked);
    if (asked.method === 'INVITE') rings.add(asked.requestUri);
    return isBusy ? createResponseTo(asked, 486) : takesAll(asked);
  });
  const sentTo = (room: string): readonly string[] =>
    edge.sent
      .filter(({ request: sent }) => (readRaw(sent, 'From') ?? '').includes(room))
      .map(({ request: sent }) => sent.method);
  const participantsOf = async (room: string): Promise<readonly string[]> => {
    const shown = await command(bus, room, { kind: 'show', value: { identity: '' } });
    return shown?.kind === 'room' ? shown.value.participants.map(({ uri }) => uri).sort() : [];
  };
  const join = (room: string, user: string): Promise<SipResponse> =>
    sip(bus, room, invite({ room, user }), { identity: `sip:${user}@localhost` });
  const tagOf = (response: SipResponse): string => unwrap(read(response, field.to))?.tag ?? '';

  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await bus.drain();
  });

  it('the factory makes a room for who calls it, whose URI is the Contact of the 200 (RFC 4579 §5.4)', async () => {
    const made = await sip(bus, factory, invite({ room: factory }), {
      identity: 'sip:alice@localhost',
      commandId: 'f1',
    });
    expect(made.statusCode).toBe(200);
    const contact = unwrap(read(made, field.contact));
    if (contact === undefined || contact === '*') throw new Error('expected an address');
    expect(contact.parameters.has('isfocus')).toBe(true);
    const [room = ''] = /sip:room-[0-9a-f]{20}@chat\.localhost/.exec(readRaw(made, 'Contact') ?? '') ?? [];
    expect(await participantsOf(room)).toEqual(['sip:alice@localhost']);
    const again = await sip(bus, factory, invite({ room: factory }), {
      identity: 'sip:alice@localhost',
      commandId: 'f1',
    });
    expect(readRaw(again, 'To')).toBe(readRaw(made, 'To'));
    const other = await sip(bus, factory, invite({ room: factory, user: 'bob' }), { identity: 'sip:bob@localhost' });
    expect(readRaw(other, 'Contact')).not.toContain(room);
    const bye = request({ room, method: 'BYE', toTag: tagOf(made), cSeq: 2 }).replace(
      `To: <${room}>`,
      `To: <${factory}>`,
    );
    expect((await sip(bus, room, bye)).statusCode).toBe(200);
    expect(await participantsOf(room)).toEqual([]);
  });

  it('an operator has somebody called: INVITE to all its devices, the first that answers is in (RFC 4579 §5.5)', async () => {
    const room = 'sip:calling@chat.localhost';
    const accounts = startAccounts(bus, 'carol', ['busy', 'desk']);
    await command(bus, room, { kind: 'create', value: { policy: undefined } });
    expect(await command(bus, room, { kind: 'inviteUser', value: { uri: 'carol' } })).toMatchObject({ kind: 'done' });
    await eventually(async () => {
      expect(await participantsOf(room)).toEqual(['sip:carol@localhost']);
      expect(sentTo(room).toSorted()).toEqual(['ACK', 'INVITE', 'INVITE']);
    });
    expect([...rings].sort()).toEqual(['sip:carol@busy:5555;transport=tcp', 'sip:carol@desk:5555;transport=tcp']);
    const invited = edge.sent.find(({ flow, request: sent }) => flow === 'desk' && sent.method === 'INVITE')!.request;
    expect(readRaw(invited, 'Contact')).toContain('<sip:calling@chat.localhost>');
    expect(readRaw(invited, 'Contact')).toContain(';isfocus');
    const offered = unwrap(parseSdp(invited.body));
    expect(unwrap(parseMsrpMedia(offered, offered.media[0]!))).toMatchObject({ setup: 'actpass' });
    expect(mixer.of('change').at(-1)).toMatchObject({ terms: { peerPath: ['msrp://127.0.0.1:7654/jshA7weztas;tcp'] } });
    // Its BYE comes in the dialog that we made.
    const tag = unwrap(read(invited, field.from))?.tag ?? '';
    const callId = readRaw(invited, 'Call-ID') ?? '';
    const bye = request({ room, method: 'BYE', user: 'carol', callId, fromTag: 'device', toTag: tag });
    expect((await sip(bus, room, bye.replace('"carol" ', ''))).statusCode).toBe(200);
    expect(await participantsOf(room)).toEqual([]);
    await accounts.stop();
  });

  it('a participant has somebody called by REFER, and hears how it went (RFC 3515 §2.4, RFC 4579 §5.5)', async () => {
    const room = 'sip:referred@chat.localhost';
    const joined = await join(room, 'alice');
    const refer = (cSeq: number, more: readonly string[]): Promise<SipResponse> => {
      return sip(bus, room, request({ room, method: 'REFER', toTag: tagOf(joined), cSeq, fields: more }));
    };
    const fragments = (): readonly string[] =>
      edge.sent
        .filter(({ request: sent }) => sent.method === 'NOTIFY' && (readRaw(sent, 'From') ?? '').includes(room))
        .map(({ request: sent }) => {
          const state = (readRaw(sent, 'Subscription-State') ?? '').split(';')[0] ?? '';
          return `${readRaw(sent, 'Event') ?? ''} ${state} ${new TextDecoder().decode(sent.body).trim()}`;
        });
    const carol = startAccounts(bus, 'carol', ['desk']);
    expect((await refer(2, ['Refer-To: <sip:carol@localhost>'])).statusCode).toBe(202);
    await eventually(async () => {
      expect(fragments()).toEqual(['refer;id=2 active SIP/2.0 100 Trying', 'refer;id=2 terminated SIP/2.0 200 OK']);
      expect(await participantsOf(room)).toEqual(['sip:alice@localhost', 'sip:carol@localhost']);
    });
    await carol.stop();
    const busy = startAccounts(bus, 'dave', ['busy']);
    expect((await refer(3, ['Refer-To: <sip:dave@localhost>'])).statusCode).toBe(202);
    await eventually(() => {
      expect(fragments().at(-1)).toBe('refer;id=3 terminated SIP/2.0 486 Busy Here');
    });
    await busy.stop();
    // Wherever it was that Alice caused so many.
    const elsewhere = { kind: 'countCalls', value: { calls: 126 } } as const;
    expect(await command(bus, 'sip:alice@localhost', elsewhere)).toMatchObject({ kind: 'done' });
    expect((await refer(4, ['Refer-To: <sip:dave@localhost>'])).statusCode).toBe(202);
    await eventually(() => {
      expect(fragments().at(-1)).toBe('refer;id=4 terminated SIP/2.0 503 Service Unavailable');
    });
    const before = fragments().length;
    const silent = await refer(5, ['Refer-To: <sip:carol@localhost;method=BYE>', 'Refer-Sub: false']);
    expect([silent.statusCode, readRaw(silent, 'Refer-Sub')]).toEqual([202, 'false']);
    await eventually(async () => {
      expect(await participantsOf(room)).toEqual(['sip:alice@localhost']);
    });
    expect(fragments()).toHaveLength(before);
    expect((await refer(6, ['Refer-To: <sip:carol@localhost;method=MESSAGE>'])).statusCode).toBe(403);
    expect((await refer(7, [])).statusCode).toBe(400);
    const stranger = request({ room, method: 'REFER', user: 'eve', fields: ['Refer-To: <sip:carol@localhost>'] });
    expect((await sip(bus, room, stranger, { identity: 'sip:eve@localhost' })).statusCode).toBe(403);
    await command(bus, room, { kind: 'delete', value: {} });
  });

  it('operators send away and let back, and choose who speaks', async () => {
    const room = 'sip:order@chat.localhost';
    await command(bus, room, {
      kind: 'create',
      value: { policy: { moderated: true, members: [], membersPresent: false } },
    });
    await join(room, 'alice');
    await join(room, 'bob');
    expect(mixer.of('open').slice(-2)).toMatchObject([
      { speaker: false },
      { speaker: false, hub: { moderated: true } },
    ]);
    await command(bus, room, { kind: 'grantVoice', value: { who: 'bob', granted: true } });
    await eventually(() => {
      expect(mixer.of('change').at(-1)).toMatchObject({ terms: { identity: 'sip:bob@localhost', speaker: true } });
    });
    expect(await command(bus, room, { kind: 'expel', value: { who: 'nobody' } })).toMatchObject({
      value: { status: 404 },
    });
    await command(bus, room, { kind: 'expel', value: { who: 'alice' } });
    expect(await participantsOf(room)).toEqual(['sip:bob@localhost']);
    await command(bus, room, { kind: 'ban', value: { who: 'bob', banned: true } });
    expect(await participantsOf(room)).toEqual([]);
    expect((await join(room, 'bob')).statusCode).toBe(403);
    await command(bus, room, { kind: 'ban', value: { who: 'bob', banned: false } });
    expect(
      (await sip(bus, room, invite({ room, user: 'bob', cSeq: 3 }), { identity: 'sip:bob@localhost' })).statusCode,
    ).toBe(200);
    await command(bus, room, { kind: 'delete', value: {} });
  });

  it('an account that is gone leaves all rooms, with a BYE', async () => {
    const rooms = ['sip:one@chat.localhost', 'sip:two@chat.localhost'];
    for (const room of rooms) for (const user of ['alice', 'zoe']) await join(room, user);
    const removedAccounts = bus.bucket(buckets.removedAccounts, edgeMessages.RemovedAccount);
    await removedAccounts.put(accountKey('zoe'), { name: 'zoe', removedAt: systemClock.wallTime() });
    await eventually(async () => {
      for (const room of rooms) expect(await participantsOf(room)).toEqual(['sip:alice@localhost']);
    });
    await eventually(() => {
      for (const room of rooms) expect(sentTo(room)).toEqual(['BYE']);
    });
    for (const room of rooms) await command(bus, room, { kind: 'delete', value: {} });
  });

  it('who is called and connected before its answer has come is connected (RFC 4975 §5.4)', async () => {
    const room = 'sip:early@chat.localhost';
    const accounts = startAccounts(bus, 'dora', ['desk']);
    await command(bus, room, { kind: 'create', value: { policy: undefined } });
    ringing = () => {
      const participant = mixer.of('open').at(-1)?.participant ?? '';
      const value = { participant, session: `s-${participant}` };
      void command(bus, room, { kind: 'participantBound', value });
    };
    await command(bus, room, { kind: 'inviteUser', value: { uri: 'dora' } });
    await eventually(async () => {
      const shown = await command(bus, room, { kind: 'show', value: { identity: '' } });
      const bound = shown?.kind === 'room' ? shown.value.participants.map((one) => one.bound) : [];
      expect(bound).toEqual([true]);
    });
    ringing = () => {};
    await accounts.stop();
  });
});
