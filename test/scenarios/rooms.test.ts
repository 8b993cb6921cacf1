import { randomUUID } from 'node:crypto';
import { unwrap } from '@parley/prelude';
import { field, read, readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { joinRoom, localPathOf, MsrpFailureError, MsrpSession, roomMediaOf, roomOffer } from '@parley/ua';
import type { RoomOffer } from '@parley/ua';
import { createNodeUserAgent, nodePipes, systemRandom } from '@parley/ua/node';
import type { NodeUserAgent, NodeUserAgentOptions } from '@parley/ua/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { enterRoom, startPhone } from './support/phone.ts';

let parley: Installation;
beforeAll(async () => {
  parley = await startParley({ PARLEY_LOG: 'info' });
});
afterAll(async () => {
  await parley[Symbol.asyncDispose]();
});

const chat = (room: string): string => `sip:${room}@chat.localhost`;

function startAgent(name: string, more: Partial<NodeUserAgentOptions> = {}): Promise<NodeUserAgent> {
  return createNodeUserAgent({
    aor: `sip:${name}@localhost`,
    password: 'secret',
    server: { protocol: 'TCP', address: '127.0.0.1', port: parley.ports.sip },
    ...more,
  });
}

async function api(method: string, path: string, body?: unknown): Promise<Response> {
  return await fetch(`http://127.0.0.1:${parley.ports.http}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${parley.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function participantsOf(room: string): Promise<readonly string[]> {
  const shown = (await (await api('GET', `/rooms/${room}`)).json()) as { participants?: { uri: string }[] };
  return (shown.participants ?? []).map(({ uri }) => uri).sort();
}

describe('Who joins by a temporary GRUU (draft-ietf-simple-chat-03 §5.2, RFC 7701 §5.2)', () => {
  it.each(['From', 'Contact'])('in %s is known by it alone: roster, messages, REPORTs, history, log', async (place) => {
    const room = `masked-${place.toLowerCase()}`;
    const instance = `urn:uuid:${randomUUID()}`;
    let gruu = '';
    await using registering = await startAgent('alice', { instance });
    const registration = await registering.register({ registrar: 'sip:chat.localhost' });
    gruu = registration.gruus.temporary ?? '';
    expect(gruu).toMatch(/^sip:tgruu\.[^@]+@chat\.localhost;gr$/);
    expect(gruu).not.toContain('alice');

    await using masked = await startAgent(
      'alice',
      place === 'From' ? { aor: gruu, username: 'alice' } : { contactUri: () => gruu },
    );
    await using bobsPhone = await startPhone(parley.ports, 'bob');
    await using bob = await enterRoom(bobsPhone, room, 'Butler');
    const alice = await joinRoom(masked, chat(room), {
      openPipe: nodePipes(),
      as: gruu,
      roster: false,
      nickname: 'Nobody',
    });
    await bob.sees(/tgruu[^]*Nobody|Nobody[^]*tgruu/);
    await alice.say('who am I');
    expect((await bob.hears('who am I')).from.uri).toBe(gruu);
    const answered: string[] = [];
    alice.messages.listen(({ text }) => {
      answered.push(text);
    });
    await bob.room.sayTo(gruu, 'I do not know', { successReport: 'yes' });
    await eventually(() => {
      expect(answered).toEqual(['I do not know']);
    });
    await bob.room.sayTo('sip:alice@localhost', 'are you alice?').catch(() => undefined);
    // Its own address is none of hers here.
    const named = joinRoom(masked, chat(room), { openPipe: nodePipes(), as: 'sip:alice@localhost', roster: false });
    await expect(named.then((session) => session.say('I am alice'))).rejects.toThrow(MsrpFailureError);
    expect(answered).toEqual(['I do not know']);
    const history = await eventually(async () => {
      const response = await api('GET', `/rooms/${room}/history`);
      const text = await response.text();
      if (response.ok) expect(text).toContain('who am I');
      return text;
    });
    await alice.leave();
    // What comes back of Bob's own words is no news to him.
    const heard = bob.heard.filter(({ from }) => from.uri !== 'sip:bob@localhost');
    for (const seen of [bob.roster, JSON.stringify(heard), history]) expect(seen).not.toMatch(/alice@|"alice"/);
    const told = parley.launcher.stderr.split('\n').filter((line) => line.includes('alice') && line.includes(room));
    expect(told).toEqual([]);
  });
});

describe('A room that is made by the factory (RFC 4579 §5.4)', () => {
  it('has the URI of the Contact, in which others join it, and ends with its last participant', async () => {
    await using alice = await startAgent('alice');
    const offer: RoomOffer = { ...offerOf(alice), sessionId: 'factory' };
    const call = await alice.invite('sip:factory@chat.localhost', {
      contentType: 'application/sdp',
      body: roomOffer(offer),
    });
    const room = /room-[0-9a-f]+(?=@chat\.localhost)/.exec(call.dialog.remoteTarget)?.[0] ?? '';
    expect(await participantsOf(room)).toEqual(['sip:alice@localhost']);
    await using bobsPhone = await startPhone(parley.ports, 'bob');
    await using bob = await enterRoom(bobsPhone, room);
    await bob.sees(/alice@localhost/);
    expect((await call.bye())?.statusCode).toBe(200);
    await bob.sees(/^(?![^]*alice@localhost)/);
  });
});

describe('Somebody whom the room calls (RFC 4579 §5.5)', () => {
  it('is rung at its device, is in when it answers, hears the room, and leaves by BYE', async () => {
    await api('POST', '/rooms', { name: 'calling' });
    const heard: string[] = [];
    let invited: SipRequest | undefined;
    let offer: RoomOffer | undefined;
    let end: () => Promise<unknown> = () => Promise.resolve();
    await using bob: NodeUserAgent = await startAgent('bob', {
      onInvite: (request) => {
        invited = request;
        offer = { ...offerOf(bob), sessionId: 'called' };
        return { status: 200, fields: [['Content-Type', 'application/sdp']], body: roomOffer(offer) };
      },
      onCall: (call) => {
        end = () => call.bye();
        void hear(call.remoteBody, offer, heard);
      },
    });
    await bob.register({ expires: 600 });
    expect((await api('POST', '/rooms/calling/invite', { who: 'bob' })).status).toBe(202);
    await eventually(async () => {
      expect(await participantsOf('calling')).toEqual(['sip:bob@localhost']);
    });
    if (invited === undefined) throw new Error('bob was not called');
    expect(readRaw(invited, 'Contact')).toContain(';isfocus');
    expect(unwrap(read(invited, field.from))?.uri).toMatchObject({ user: 'calling', host: 'chat.localhost' });
    await using alicesPhone = await startPhone(parley.ports, 'alice');
    await using alice = await enterRoom(alicesPhone, 'calling');
    await eventually(async () => {
      await alice.room.say('there you are');
      expect(heard).toContain('there you are');
    });
    await end();
    await alice.sees(/^(?![^]*bob@localhost)/);
  });
});

describe('Order in a room', () => {
  it('who has no voice hears 403, who is banned is out for good, who has no account any more too', async () => {
    await api('POST', '/rooms', { name: 'court', moderated: true });
    await using carolsPhone = await startPhone(parley.ports, 'carol');
    await using carol = await enterRoom(carolsPhone, 'court');
    await expect(carol.room.say('objection')).rejects.toMatchObject({ code: 403 });
    expect((await api('POST', '/rooms/court/grant', { who: 'carol' })).status).toBe(202);
    await eventually(() => carol.room.say('objection'));
    await api('POST', '/users', { name: 'eve', password: 'secret' });
    await using evesPhone = await startPhone(parley.ports, 'eve');
    const eve = await enterRoom(evesPhone, 'court');
    const ended: string[] = [];
    eve.room.ended.listen((why) => {
      ended.push(why);
    });
    await carol.sees(/eve@localhost/);
    expect((await api('DELETE', '/users/eve')).status).toBe(204);
    await eventually(() => {
      expect(ended).toHaveLength(1);
    });
    expect((await api('POST', '/rooms/court/ban', { who: 'carol' })).status).toBe(202);
    await eventually(async () => {
      expect(await participantsOf('court')).toEqual([]);
    });
    await expect(enterRoom(carolsPhone, 'court')).rejects.toMatchObject({ response: { statusCode: 403 } });
  });
});

function offerOf(agent: NodeUserAgent): RoomOffer {
  const host = agent.core.flow.local.address;
  return { transport: 'tcp', host, sessionId: 's', sdpId: '1', sdpVersion: '1', maxSize: 10_000 };
}

/** Connects to the room that offered, and notes what it says. */
async function hear(remote: Uint8Array, offer: RoomOffer | undefined, heard: string[]): Promise<void> {
  if (offer === undefined) throw new Error('no answer was made');
  const { path: remotePath } = unwrap(roomMediaOf(remote));
  const options = { localPath: localPathOf(offer), remotePath, random: systemRandom, maxSize: offer.maxSize };
  await MsrpSession.open(options, systemClock, nodePipes(), (session) => {
    session.received.listen(({ body }) => {
      const text = new TextDecoder().decode(body).split('\r\n\r\n').at(-1);
      if (text !== undefined) heard.push(text);
    });
  });
}
