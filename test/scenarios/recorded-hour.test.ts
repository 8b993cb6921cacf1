import { decodeUtf8, encodeUtf8 } from '@parley/prelude';
import { eventually } from '@parley/testing';
import { joinRoom } from '@parley/ua';
import { createNodeUserAgent, nodePipes } from '@parley/ua/node';
import type { NodeUserAgent } from '@parley/ua/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { enterRoom, startPhone } from './support/phone.ts';
import type { Guest, Phone } from './support/phone.ts';
import { openCaller } from './support/raw-caller.ts';
import { joinByHand } from './support/raw-guest.ts';
import { canRecord, record } from './support/recorder.ts';
import type { Recording } from './support/recorder.ts';
import { openWire } from './support/wire.ts';

const room = 'sip:garden@chat.localhost';
const composing =
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>';

type Api = (method: string, path: string, body: object) => Promise<void>;

/** What the operator of an installation asks of it. */
function apiOf({ ports, token }: Installation): Api {
  return async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${ports.http}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
}

interface Phones {
  readonly alice: Phone;
  readonly bob: Phone;
  readonly carol: Phone;
}

/** An evening in a room: by TCP, UDP and WebSocket, under nicknames, aside, at length, and until somebody has to go. */
async function inTheRoom(api: Api, { alice, bob, carol }: Phones): Promise<void> {
  await api('POST', '/rooms', { name: 'garden', replay: 3, welcome: 'Mind the roses' });
  await using gardener = await enterRoom(alice, 'garden', 'Gardener');
  await using butler = await enterRoom(bob, 'garden', 'Butler');
  const maid = await joinRoom(carol.agent, room, { openPipe: nodePipes(), transport: 'ws', nickname: 'Maid' });
  const heardByMaid: string[] = [];
  maid.messages.listen(({ text }) => {
    heardByMaid.push(text);
  });
  await gardener.sees(/Gardener[^]*Butler[^]*Maid/);
  await expect(butler.room.setNickname('gardener')).rejects.toThrow();
  await butler.room.setNickname('Valet');
  await gardener.sees(/Valet/);
  await conversation(gardener, butler, heardByMaid);
  await maid.say('By WebSocket');
  await gardener.hears('By WebSocket');
  await manyInOnePacket(bob, gardener);
  await api('POST', '/rooms/garden/announcements', { text: 'The gate closes' });
  await gardener.hears('The gate closes');
  // The history is written off the way of the messages: a newcomer may be told nothing while its store does not answer.
  await eventually(async () => {
    await using late = await enterRoom(bob, 'garden');
    await eventually(
      () => {
        expect(late.heard.map(({ text }) => text)).toContain('In one packet: 4');
      },
      { within: 10_000 },
    );
  });
  await api('POST', '/rooms/garden/kick', { who: 'Maid' });
  await gardener.sees(/^(?![^]*Maid)[^]*Valet/);
}

async function conversation(gardener: Guest, butler: Guest, heardByMaid: readonly string[]): Promise<void> {
  await gardener.room.send(encodeUtf8(composing), { contentType: 'application/im-iscomposing+xml' });
  const story = `${'A long story. '.repeat(8000)}The end`;
  await gardener.room.say(story, { successReport: 'yes' });
  await butler.hears(story);
  await eventually(() => {
    expect(heardByMaid).toContain(story);
  });
  await gardener.room.sayTo('sip:bob@localhost', 'A word aside', { successReport: 'yes' });
  await butler.hears('A word aside');
  await gardener.room.sayTo('sip:nobody@localhost', 'Is anybody there');
}

/** Several short messages in one segment. */
async function manyInOnePacket(phone: Phone, listener: Guest): Promise<void> {
  await using byHand = await joinByHand(phone, 'garden');
  const head = 'From: <sip:bob@localhost>\nTo: <sip:garden@chat.localhost>\n\nContent-Type: text/plain\n\n';
  const packed = [1, 2, 3, 4].map((at) => {
    const body = `${head}In one packet: ${at}`;
    const { length } = body.replaceAll('\n', '\r\n');
    const paths = `To-Path: ${byHand.theirs}\nFrom-Path: ${byHand.ours}\n`;
    const fields = `Message-ID: message${at}\nByte-Range: 1-${length}/${length}\nContent-Type: message/cpim\n`;
    return `MSRP packed${at}x SEND\n${paths}${fields}\n${body}\n-------packed${at}x$\n`;
  });
  byHand.wire.write(packed.join('').replaceAll('\n', '\r\n'));
  await listener.hears('In one packet: 4');
}

const offer = [
  'v=0',
  'o=alice 2890844526 2890844526 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=message 7654 TCP/MSRP *',
  'a=accept-types:message/cpim text/plain',
  'a=path:msrp://127.0.0.1:7654/jshA7weztas;tcp',
  '',
].join('\r\n');

/** Somebody watches a room within the dialog of the INVITE that led into it (RFC 6665 §4.5.2). */
async function watchWithin({ ports }: Installation, other: Phone): Promise<void> {
  using alice = await openCaller(ports.sip, 'alice', 'sip:porch@chat.localhost');
  expect(await alice.ask('INVITE', ['Content-Type: application/sdp'], offer)).toMatch(/^SIP\/2.0 200/);
  // Who is not bound in time has to leave.
  const [theirs = '', port = ''] = await alice.wire.receives(/msrp:\/\/[^\s]*?:(\d+)\/[^\s]*/);
  using media = await openWire(Number(port));
  const paths = [`To-Path: ${theirs}`, 'From-Path: msrp://127.0.0.1:7654/jshA7weztas;tcp'];
  const binding = ['Message-ID: bind1xyz', 'Byte-Range: 1-0/0', '-------bind1xyz$', ''];
  media.write(['MSRP bind1xyz SEND', ...paths, ...binding].join('\r\n'));
  await media.receives(/MSRP bind1xyz 200/);
  const watch = ['Event: conference', 'Accept: application/conference-info+xml'];
  expect(await alice.ask('SUBSCRIBE', [...watch, 'Expires: 600'])).toMatch(/^SIP\/2.0 200 [^]*^Expires: 600\r$/m);
  await alice.wire.receives(/<user [^>]*entity="sip:alice@localhost"/);
  const bob = await enterRoom(other, 'porch', 'Butler');
  await alice.wire.receives(/nickname="Butler"/);
  await bob[Symbol.asyncDispose]();
  await alice.wire.receives(/Butler[^]*<user-count>1</);
  expect(await alice.ask('SUBSCRIBE', [...watch, 'Expires: 300'])).toMatch(/^Expires: 300\r$/m);
  expect(await alice.ask('BYE')).toMatch(/^SIP\/2.0 200/);
  await alice.wire.receives(/Subscription-State: terminated;reason=noresource/);
  const notifies = [...alice.wire.received.matchAll(/^NOTIFY [^]*?\r\n\r\n/gm)].map(([head]) => head);
  const numbers = notifies.map((head) => Number(/^CSeq: (\d+) NOTIFY\r$/m.exec(head)?.[1]));
  expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
  expect(new Set(notifies.map((head) => /^Call-ID: .*$/m.exec(head)?.[0])).size).toBe(1);
  expect(await alice.ask('SUBSCRIBE', watch)).toMatch(/^SIP\/2.0 481/);
}

/** Letters: to one, with receipts, to a group, and to several at once; and an invitation that names a guest. */
async function letters({ ports }: Installation, api: Api, { alice, bob, carol }: Phones): Promise<void> {
  expect((await alice.send('sip:bob@localhost', 'Dear Bob')).statusCode).toBe(200);
  await api('POST', '/lists', { name: 'staff', members: ['bob', 'carol'], owner: 'alice' });
  expect((await alice.send('sip:staff@localhost', 'Dear all')).statusCode).toBeLessThan(300);
  const types = ['Content-Type: text/plain', '', 'Please confirm'];
  const imdn = ['NS: imdn <urn:ietf:params:imdn>', 'imdn.Message-ID: hour-1', 'DateTime: 2026-11-21T12:00:00Z'];
  const wrapped = [
    'From: <sip:alice@localhost>',
    'To: <sip:bob@localhost>',
    ...imdn,
    'imdn.Disposition-Notification: positive-delivery',
    '',
    ...types,
  ].join('\r\n');
  const cpim = { contentType: 'message/cpim', body: encodeUtf8(wrapped) };
  expect((await alice.agent.sendMessage('sip:bob@localhost', cpim)).statusCode).toBe(200);
  const status = '<status><delivered/></status>';
  const receipt =
    '<?xml version="1.0" encoding="UTF-8"?><imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>hour-1</message-id>' +
    `<datetime>2026-11-21T12:00:00Z</datetime><delivery-notification>${status}</delivery-notification></imdn>`;
  const back = [
    'From: <sip:bob@localhost>',
    'To: <sip:alice@localhost>',
    'NS: imdn <urn:ietf:params:imdn>',
    'imdn.Message-ID: hour-2',
    '',
    'Content-Type: message/imdn+xml',
    'Content-Disposition: notification',
    `Content-Length: ${receipt.length}`,
    '',
    receipt,
  ].join('\r\n');
  const told = { contentType: 'message/cpim', body: encodeUtf8(back) };
  expect((await bob.agent.sendMessage('sip:alice@localhost', told)).statusCode).toBe(200);
  await eventually(() => {
    expect(carol.texts.join()).toContain('Dear all');
    expect(alice.texts.join()).toContain('hour-1');
  });
  await invitation(ports.sip);
}

/** A room is made with a guest, who is not at home. */
async function invitation(port: number): Promise<void> {
  using alice = await openCaller(port, 'alice', 'sip:factory@chat.localhost');
  const list =
    '<?xml version="1.0" encoding="UTF-8"?><resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists" ' +
    'xmlns:cp="urn:ietf:params:xml:ns:copycontrol"><list><entry uri="sip:bob@localhost" cp:copyControl="to"/></list></resource-lists>';
  const parts = [
    ['Content-Type: application/sdp', '', offer],
    ['Content-Type: application/resource-lists+xml', 'Content-Disposition: recipient-list', '', list],
  ];
  const body = `${parts.map((part) => `--part\r\n${part.join('\r\n')}\r\n`).join('')}--part--\r\n`;
  const fields = ['Require: recipient-list-invite', 'Content-Type: multipart/mixed;boundary=part'];
  expect(await alice.ask('INVITE', fields, body)).toMatch(/^SIP\/2.0 200/);
  expect(await alice.ask('BYE')).toMatch(/^SIP\/2.0 200/);
}

/** Somebody speaks with a room that has a media server: a phone, whose answer stands in that of the room (RFC 3725 §4). */
async function withSound({ ports }: Installation, api: Api): Promise<void> {
  const lines = 'm=audio 50000 RTP/AVP 0';
  let ended = false;
  await using mixer: NodeUserAgent = await createNodeUserAgent({
    aor: 'sip:mixer@localhost',
    server: { protocol: 'UDP', address: '127.0.0.1', port: ports.sip },
    onInvite: ({ body }) => {
      const answer = decodeUtf8(body).replace(/m=audio [^]*$/, `${lines}\r\n`);
      return { status: 200, fields: [['Content-Type', 'application/sdp']], body: encodeUtf8(answer) };
    },
    onCall: (call) => {
      call.ended.listen(() => {
        ended = true;
      });
    },
  });
  const mediaServer = `sip:mixer@127.0.0.1:${mixer.core.flow.local.port};transport=udp`;
  await api('POST', '/rooms', { name: 'hall', mediaServer });
  using alice = await openCaller(ports.sip, 'alice', 'sip:hall@chat.localhost');
  const fields = ['Content-Type: application/sdp'];
  expect(await alice.ask('INVITE', fields, `${offer}m=audio 40000 RTP/AVP 0\r\n`)).toMatch(/^SIP\/2.0 200/);
  await alice.wire.receives(/^m=audio 50000 /m);
  expect(await alice.ask('BYE')).toMatch(/^SIP\/2.0 200/);
  await eventually(() => {
    expect(ended).toBe(true);
  });
}

/** What has to be in the recording, by display filter. */
const kinds: Readonly<Record<string, string>> = {
  'REGISTER with a digest': 'sip.Method == "REGISTER" && sip.auth',
  'SIP over UDP': 'udp && sip.Method == "INVITE"',
  'SIP over TCP': 'tcp && sip.Method == "INVITE"',
  'SIP over WebSocket': 'websocket && sip.Method == "INVITE"',
  // tshark does not look into these; what the switch sends is not masked.
  'MSRP over WebSocket': 'websocket && frame contains "MSRP "',
  'an offer to a media server': 'udp && sip.Method == "INVITE" && sdp && frame contains "sip:mixer@"',
  'an INVITE with a list': 'sip.Method == "INVITE" && mime_multipart',
  'SUBSCRIBE in a dialog': 'sip.Method == "SUBSCRIBE" && sip.to.tag',
  'a whole roster': 'sip.Method == "NOTIFY" && xml.attribute contains "state=\\"full\\""',
  'part of a roster': 'sip.Method == "NOTIFY" && xml.attribute contains "state=\\"partial\\""',
  'a subscription that ends': 'sip.Method == "NOTIFY" && sip.Subscription-State contains "terminated"',
  NICKNAME: 'msrp.method == "NICKNAME"',
  'a nickname that is taken': 'msrp.status.code == 423',
  'a chunk that is not the last': 'msrp.cnt.flg == "+"',
  'several messages in one segment': 'frame contains "packed1x" && frame contains "packed4x"',
  'a REPORT of success': 'msrp.method == "REPORT" && msrp.status contains "200"',
  // Behind a response in the same segment, tshark names it by that.
  'a REPORT of failure': 'msrp && frame contains "Status: 000 427"',
  'is-composing': 'msrp && frame contains "im-iscomposing"',
  'a word aside': 'msrp && frame contains "A word aside"',
  'an announcement': 'msrp && frame contains "The gate closes"',
  'a welcome': 'msrp && frame contains "Mind the roses"',
  'a BYE with a reason': 'sip.Method == "BYE" && sip.Reason',
  MESSAGE: 'sip.Method == "MESSAGE" && frame contains "Dear Bob"',
  'a message to a group': 'sip.Method == "MESSAGE" && frame contains "Dear all"',
  'a receipt': 'sip.Method == "MESSAGE" && frame contains "imdn+xml"',
};

/** What tshark calls an error, beyond what cannot be decoded. */
const errors = '(sip || msrp) && (_ws.expert.severity >= "Error" || msrp.status.code.invalid)';

describe('An hour of everything in a minute', () => {
  const house = new AsyncDisposableStack();
  let parley: Installation;
  let recording: Recording | undefined;

  beforeAll(async () => {
    parley = house.use(await startParley({ PARLEY_ROOM_CREATE: 'anyone' }));
    if (canRecord()) recording = await record(parley);
  });
  afterAll(async () => {
    await house.disposeAsync();
  });

  it('goes as it should', async () => {
    const { ports } = parley;
    await using alice = await startPhone(ports, 'alice');
    await using bob = await startPhone(ports, 'bob', { protocol: 'UDP' });
    await using carol = await startPhone(ports, 'carol', { protocol: 'WS' });
    const phones = { alice, bob, carol };
    const api = apiOf(parley);
    await Promise.all([
      inTheRoom(api, phones),
      letters(parley, api, phones),
      watchWithin(parley, carol),
      withSound(parley, api),
    ]);
  });

  it.skipIf(!canRecord())('is decoded by tshark without a malformed packet, and nothing is missing', async () => {
    await recording?.stop();
    const faults = { malformed: '_ws.malformed', wrong: errors };
    const counts = new Map(Object.entries((await recording?.counts({ ...faults, ...kinds })) ?? {}));
    expect([counts.get('malformed'), counts.get('wrong')]).toEqual([0, 0]);
    const seen = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, counts.get(kind) ?? 0]));
    expect(Object.entries(seen).filter(([, count]) => count === 0)).toEqual([]);
  });
});
