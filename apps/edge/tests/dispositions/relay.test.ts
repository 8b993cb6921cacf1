import { connectBus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { eventually, startNats } from '@parley/testing';
import type { NatsServer } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CpimShape } from '../support/cpim.ts';
import { cpimBody, imdnsIn } from '../support/cpim.ts';
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

  it('says nothing of a message that reaches its device at once', async () => {
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    const sent = send({ requests: all });
    await take(phone);
    expect(await sent).toBe(200);
    expect([await told('stored'), await told('delivered'), alice.unread]).toEqual(['0', '0', 0]);
  });
});
