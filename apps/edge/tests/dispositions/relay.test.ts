import { connectBus } from '@parley/bus';
import { groupSubject, rpc } from '@parley/contracts';
import type { lists } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { eventually, startNats } from '@parley/testing';
import type { NatsServer } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CpimShape } from '../support/cpim.ts';
import { cpimBody, imdnsIn } from '../support/cpim.ts';
import { ForeignServer } from '../support/foreign-server.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const bob = 'sip:bob@localhost';
const all = 'positive-delivery, negative-delivery, processing, display';

async function take(phone: Phone, status = 200): Promise<SipRequest> {
  const request = await phone.incoming();
  phone.answer(request, status);
  return request;
}

/** Answers each request that it may come again later, until none comes any more. */
async function putOff(phone: Phone): Promise<void> {
  for (;;) {
    const request = await phone.incoming().catch(() => undefined);
    if (request === undefined) return;
    phone.answer(request, 503);
  }
}

describe('a store-and-forward relay (RFC 5438 §8)', () => {
  let nats: NatsServer;
  let edge: TestEdge;
  let alice: Phone;
  beforeEach(async () => {
    nats = await startNats();
    const bus = unwrap(await connectBus({ url: nats.url, name: 'edge', clock: systemClock }));
    edge = await startTestEdge({ bus });
    alice = await Phone.tcp(edge.port, 'alice');
    await alice.register();
  });
  afterEach(async () => {
    await alice[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const send = async (shape: CpimShape, fields: readonly string[] = []): Promise<number> => {
    const body = cpimBody('Hello', shape);
    const options = { body, fields: ['Content-Type: message/cpim', ...fields] };
    return (await alice.request('MESSAGE', bob, options)).statusCode;
  };
  const told = async (status: string): Promise<string> =>
    new RegExp(`parley_dispositions_total\\{status="${status}",service="edge"\\} (\\d+)`).exec(
      await edge.metrics.text(),
    )?.[1] ?? '0';

  it('tells who asked for processing that the message is stored, from the recipient and in CPIM', async () => {
    expect(await send({ requests: all })).toBe(202);
    const notification = await take(alice);
    expect(readRaw(notification, 'From')).toMatch(/^<sip:bob@localhost>;tag=/);
    expect(readRaw(notification, 'To')).toBe('<sip:alice@localhost>');
    expect(imdnsIn(notification)).toEqual([
      {
        messageId: 'm1',
        dateTime: '2026-11-21T10:00:00Z',
        recipientUri: 'sip:bob@localhost',
        originalRecipientUri: 'sip:bob@localhost',
        disposition: { type: 'processing', status: 'stored' },
      },
    ]);
  });

  it('tells nobody who did not ask, and MUST NOT notify of a notification', async () => {
    expect(await send({ id: 'quiet', requests: 'positive-delivery, negative-delivery, display' })).toBe(202);
    expect(await send({ id: 'imdn', requests: all, type: 'message/imdn+xml' })).toBe(202);
    expect(await send({ id: 'last', requests: 'processing' })).toBe(202);
    expect(imdnsIn(await take(alice)).map(({ messageId }) => messageId)).toEqual(['last']);
    expect(alice.unread).toBe(0);
  });

  it('tells of a failure when a device refuses its stored copy for good, once', async () => {
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    await phone.register('*', ['Expires: 0']);
    expect(await send({ requests: 'negative-delivery' })).toBe(202);
    await phone.register();
    await take(phone, 488);
    const notification = await take(alice);
    expect(imdnsIn(notification)).toMatchObject([
      { messageId: 'm1', disposition: { type: 'delivery', status: 'failed' }, note: { language: 'en' } },
    ]);
    expect(Buffer.from(notification.body).toString()).toContain('<failed/>');
    await eventually(async () => {
      expect(await edge.metrics.text()).toMatch(/parley_mailbox_depth\{service="edge"\} 0\n/);
    });
    expect([await told('failed'), alice.unread]).toEqual(['1', 0]);
  });

  it('tells of none when one device took the message at once and another refuses its copy', async () => {
    await using desk = await Phone.tcp(edge.port, 'bob');
    await using mobile = await Phone.tcp(edge.port, 'bob');
    await desk.register(`${desk.contact};expires=600;+sip.instance="<urn:uuid:desk>"`);
    await mobile.register(`${mobile.contact};expires=600;+sip.instance="<urn:uuid:mobile>"`);
    await mobile.register(`${mobile.contact};expires=0;+sip.instance="<urn:uuid:mobile>"`);
    const sent = send({ requests: 'negative-delivery' });
    await take(desk);
    expect(await sent).toBe(200);
    await mobile.register(`${mobile.contact};expires=600;+sip.instance="<urn:uuid:mobile>"`);
    await take(mobile, 488);
    await eventually(async () => {
      expect(await edge.metrics.text()).toMatch(/parley_mailbox_depth\{service="edge"\} 0\n/);
    });
    expect([await told('failed'), alice.unread]).toEqual(['0', 0]);
  });

  it('tells of a failure when the message expires before a device took it', async () => {
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    await phone.register('*', ['Expires: 0']);
    expect(await send({ requests: 'negative-delivery' }, ['Expires: 1'])).toBe(202);
    await phone.register();
    void putOff(phone);
    await eventually(() => {
      expect(alice.unread).toBe(1);
    });
    expect(imdnsIn(await take(alice))).toEqual([
      expect.objectContaining({
        messageId: 'm1',
        disposition: { type: 'delivery', status: 'failed' },
        note: { text: 'The message expired before it could be delivered.', language: 'en' },
      }),
    ]);
  });

  it.each(['nobody ever registered', 'its device is away'])(
    'tells of it when the time is over, behind mail that goes on waiting: %s',
    async (why) => {
      await using phone = await Phone.tcp(edge.port, 'bob');
      if (why === 'its device is away') {
        await phone.register();
        await phone.register('*', ['Expires: 0']);
      }
      expect(await send({ id: 'waits', requests: 'negative-delivery' })).toBe(202);
      expect(await send({ requests: 'negative-delivery' }, ['Expires: 1'])).toBe(202);
      await eventually(() => {
        expect(alice.unread).toBe(1);
      });
      expect(imdnsIn(await take(alice))).toMatchObject([{ messageId: 'm1', disposition: { status: 'failed' } }]);
      await eventually(async () => {
        expect(await edge.metrics.text()).toMatch(/parley_mailbox_depth\{service="edge"\} 1\n/);
      });
      await phone.register();
      expect(Buffer.from((await take(phone)).body).toString()).toContain('waits');
      expect([await told('failed'), alice.unread, phone.unread]).toEqual(['1', 0, 0]);
    },
  );

  it('keeps a notification for a sender who is away, however long (REQ-DISNOT-3)', async () => {
    await alice.register('*', ['Expires: 0']);
    expect(await send({ requests: 'processing' })).toBe(202);
    await eventually(async () => {
      expect(await edge.metrics.text()).toMatch(/parley_mailbox_depth\{service="edge"\} 2\n/);
    });
    expect(alice.unread).toBe(0);
    await alice.register();
    expect(imdnsIn(await take(alice))).toMatchObject([{ disposition: { type: 'processing', status: 'stored' } }]);
  });

  it('tells once of a type, however often it comes to know', async () => {
    for (const id of ['m1', 'm1', 'm2']) expect(await send({ id, requests: 'processing' })).toBe(202);
    const told = [await take(alice), await take(alice)].flatMap(imdnsIn);
    expect(told.map(({ messageId }) => messageId)).toEqual(['m1', 'm2']);
    expect(alice.unread).toBe(0);
  });

  it('tells the sender that SIP authenticated, never whom the message names (§14)', async () => {
    await using carol = await Phone.tcp(edge.port, 'carol');
    await carol.register();
    const victim = 'sip:carol@localhost';
    const body = cpimBody('Hello', { requests: 'processing' })
      .replace('From: <sip:alice@localhost>', `From: <${victim}>`)
      .replace('imdn.Message-ID', `imdn.IMDN-Record-Route: <${victim}>\r\nimdn.Message-ID`);
    const sent = await alice.request('MESSAGE', bob, { body, fields: ['Content-Type: message/cpim'] });
    expect(sent.statusCode).toBe(202);
    const notification = await take(alice);
    expect(Buffer.from(notification.body).toString()).toContain(`imdn.IMDN-Route: <${victim}>`);
    expect(carol.unread).toBe(0);
  });

  async function sendToList(name: string, hideMembers: boolean): Promise<void> {
    const list = { name, displayName: '', owner: '', senders: 'anyone', members: ['bob', 'carol'], hideMembers };
    const command: lists.ListsCommand = { commandId: name, command: { kind: 'create', value: list } };
    const deadline = systemClock.now() + 30_000;
    await edge.bus.request(groupSubject('edge', 'lists'), rpc.lists, command, { deadline });
    const body = cpimBody('Hello', { requests: 'processing' }).replace(bob, `sip:${name}@localhost`);
    const options = { body, fields: ['Content-Type: message/cpim'] };
    expect((await alice.request('MESSAGE', `sip:${name}@localhost`, options)).statusCode).toBe(202);
  }

  it('tells of each member of a list, as its sender named them (§12.2)', async () => {
    await sendToList('open', false);
    const told = [await take(alice), await take(alice)].flatMap(imdnsIn);
    expect(told.map(({ recipientUri }) => recipientUri).toSorted()).toEqual([bob, 'sip:carol@localhost']);
    expect(told.map(({ originalRecipientUri }) => originalRecipientUri)).toEqual(
      Array<string>(2).fill('sip:open@localhost'),
    );
  });

  it('MUST NOT tell who is on a list that hides it, nor how many (§14.2)', async () => {
    await sendToList('secret', true);
    const notification = await take(alice);
    expect(readRaw(notification, 'From')).toMatch(/^<sip:secret@localhost>;tag=/);
    expect(Buffer.from(notification.body).toString()).not.toMatch(/bob|carol/);
    await eventually(async () => {
      expect(await edge.metrics.text()).toMatch(/parley_dispositions_total\{status="stored",service="edge"\} 2\n/);
    });
    expect(alice.unread).toBe(0);
  });

  it('says nothing of a message that reaches its device at once', async () => {
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    const sent = send({ requests: all });
    await take(phone);
    expect(await sent).toBe(200);
    expect([await told('stored'), await told('delivered'), alice.unread]).toEqual(['0', '0', 0]);
  });
});

/** A message in CPIM, which asks for processing, of somebody in another domain. */
function foreignMessage(from: string, server: ForeignServer): string {
  const body = cpimBody('Hello', { requests: 'processing' });
  const lines = [
    `MESSAGE ${bob} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${server.port};branch=z9hG4bK${from.length}`,
    `From: <${from}>;tag=1`,
    `To: <${bob}>`,
    `Call-ID: ${from}`,
    'CSeq: 1 MESSAGE',
    'Max-Forwards: 70',
    'Content-Type: message/cpim',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

describe('a store-and-forward relay and senders of other domains', () => {
  it('tells those of peers, and nobody whom nothing proves (RFC 5438 §14)', async () => {
    await using peer = await ForeignServer.start(false);
    await using edge = await startTestEdge({
      env: {
        PARLEY_FEDERATION: 'open',
        PARLEY_PEERS: `peer.example=sip:127.0.0.1:${peer.port};transport=udp`,
        PARLEY_DNS: `127.0.0.1:${peer.port}`,
      },
    });
    for (const from of ['sip:eve@far.example', 'sip:zoe@peer.example']) {
      peer.send(edge.port, foreignMessage(from, peer));
      expect((await peer.response()).statusCode).toBe(202);
    }
    const { request, answer } = await peer.request();
    answer(200);
    expect([request.method, request.requestUri]).toEqual(['MESSAGE', 'sip:zoe@peer.example']);
    expect(readRaw(request, 'From')).toMatch(/^<sip:bob@localhost>;tag=/);
    expect(imdnsIn(request)).toMatchObject([{ disposition: { type: 'processing', status: 'stored' } }]);
    expect(await edge.metrics.text()).toMatch(/parley_dispositions_total\{status="stored",service="edge"\} 1\n/);
  });
});
