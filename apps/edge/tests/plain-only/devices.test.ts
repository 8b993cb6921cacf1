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
const plainOnly = ['Accept: text/plain'];

/** Answers like a device that takes plain text only; gives the first that it takes. */
async function takePlain(phone: Phone, fields: readonly string[] = plainOnly): Promise<readonly SipRequest[]> {
  const seen: SipRequest[] = [];
  for (;;) {
    const request = await phone.incoming();
    seen.push(request);
    if (readRaw(request, 'Content-Type')?.startsWith('text/plain') === true) {
      phone.answer(request, 200);
      return seen;
    }
    phone.answer(request, 415, 'Unsupported Media Type', fields);
  }
}

const typesOf = (requests: readonly SipRequest[]) => requests.map((request) => readRaw(request, 'Content-Type'));
const textOf = (request: SipRequest | undefined) => Buffer.from(request?.body ?? '').toString();

describe('a device that refuses message/cpim', () => {
  let nats: NatsServer;
  let edge: TestEdge;
  let alice: Phone;
  let baresip: Phone;
  const start = async (): Promise<void> => {
    edge = await startTestEdge({ bus: unwrap(await connectBus({ url: nats.url, name: 'edge', clock: systemClock })) });
    alice = await Phone.tcp(edge.port, 'alice');
    baresip = await Phone.tcp(edge.port, 'bob');
  };
  const stop = async (): Promise<void> => {
    await Promise.all([alice[Symbol.asyncDispose](), baresip[Symbol.asyncDispose]()]);
    await edge[Symbol.asyncDispose]();
  };
  beforeEach(async () => {
    nats = await startNats();
    await start();
    await alice.register();
    await baresip.register();
  });
  afterEach(async () => {
    await stop();
    await nats[Symbol.asyncDispose]();
  });

  const sendBody = async (contentType: string, body: string): Promise<number> =>
    (await alice.request('MESSAGE', bob, { body, fields: [`Content-Type: ${contentType}`] })).statusCode;
  const sendCpim = (text: string, shape?: CpimShape): Promise<number> =>
    sendBody('message/cpim', cpimBody(text, shape));
  const learn = async (): Promise<void> => {
    const sent = sendCpim('one');
    await takePlain(baresip);
    expect(await sent).toBe(200);
  };

  it('gets the wrapped text instead, then and from then on', async () => {
    const sent = sendCpim('one');
    const first = await takePlain(baresip);
    expect(typesOf(first)).toEqual(['message/cpim', 'text/plain']);
    expect(textOf(first[1])).toBe('one');
    expect(await sent).toBe(200);
    const again = sendCpim('two');
    const second = await takePlain(baresip);
    expect([typesOf(second), textOf(second[0])]).toEqual([['text/plain'], 'two']);
    expect(await again).toBe(200);
  });

  it('is remembered when the edge starts anew, until it is other software or says that it takes CPIM', async () => {
    const userAgent = ['User-Agent: baresip v1'];
    await baresip.register(undefined, userAgent);
    await learn();
    await stop();
    await start();
    await baresip.register(undefined, userAgent);
    const kept = sendCpim('two');
    expect(typesOf(await takePlain(baresip))).toEqual(['text/plain']);
    expect(await kept).toBe(200);
    await baresip.register(undefined, ['User-Agent: baresip v2']);
    const anew = sendCpim('three');
    expect(typesOf(await takePlain(baresip))).toEqual(['message/cpim', 'text/plain']);
    expect(await anew).toBe(200);
    await baresip.register(undefined, ['User-Agent: baresip v2', 'Accept: text/plain, message/cpim']);
    const wrapped = sendCpim('four');
    const request = await baresip.incoming();
    baresip.answer(request, 200);
    expect([await wrapped, readRaw(request, 'Content-Type')]).toEqual([200, 'message/cpim']);
  });

  it('is noticed by the 2xx to the plain text where its 415 names no types', async () => {
    const sent = sendCpim('one');
    await takePlain(baresip, []);
    expect(await sent).toBe(200);
    const again = sendCpim('two');
    expect(typesOf(await takePlain(baresip))).toEqual(['text/plain']);
    expect(await again).toBe(200);
  });

  it('has its delivery notified by Parley, for it cannot', async () => {
    const sent = sendCpim('one', { requests: 'positive-delivery, display', id: 'first' });
    await takePlain(baresip);
    expect(await sent).toBe(200);
    const notification = await alice.incoming();
    alice.answer(notification, 200);
    expect(readRaw(notification, 'From')).toMatch(/^<sip:bob@localhost>;tag=/);
    expect(imdnsIn(notification)).toMatchObject([
      { messageId: 'first', disposition: { type: 'delivery', status: 'delivered' } },
    ]);
    const again = sendCpim('two', { requests: 'negative-delivery', id: 'second' });
    await takePlain(baresip);
    expect([await again, alice.unread]).toEqual([200, 0]);
  });

  it('is sent no is-composing and no notification; their senders are answered as if it had them', async () => {
    await learn();
    for (const type of ['application/im-iscomposing+xml', 'message/imdn+xml']) {
      expect(await sendCpim('<x/>', { type })).toBe(200);
      expect(await sendBody(type, '<x/>')).toBe(200);
    }
    const sent = sendCpim('after all');
    expect(textOf((await takePlain(baresip))[0])).toBe('after all');
    expect(await sent).toBe(200);
  });

  it('gets what is signed or no text as it came, and its refusal goes back', async () => {
    await learn();
    for (const type of ['image/png', 'application/pkcs7-mime; smime-type=signed-data']) {
      const sent = sendCpim('x', { type });
      const request = await baresip.incoming();
      expect(readRaw(request, 'Content-Type')).toBe('message/cpim');
      baresip.answer(request, 415, 'Unsupported Media Type', plainOnly);
      expect(await sent).toBe(415);
    }
  });

  it('is given its mail in plain text too, and skipped with what is not for it', async () => {
    await baresip.register('*', ['Expires: 0']);
    expect(await sendCpim('one', { requests: 'positive-delivery', id: 'stored' })).toBe(202);
    expect(await sendCpim('<x/>', { type: 'message/imdn+xml', id: 'imdn' })).toBe(202);
    expect(await sendCpim('two', { id: 'two' })).toBe(202);
    await baresip.register();
    const first = await takePlain(baresip);
    expect([typesOf(first), textOf(first[1])]).toEqual([['message/cpim', 'text/plain'], 'one']);
    const second = await takePlain(baresip);
    expect([typesOf(second), textOf(second[0])]).toEqual([['text/plain'], 'two']);
    await eventually(() => {
      expect(alice.unread).toBe(1);
    });
    const notification = await alice.incoming();
    alice.answer(notification, 200);
    expect(imdnsIn(notification)).toMatchObject([
      { messageId: 'stored', disposition: { type: 'delivery', status: 'delivered' } },
    ]);
    await eventually(async () => {
      expect(await edge.metrics.text()).toMatch(/parley_mailbox_depth\{service="edge"\} 0\n/);
    });
  });

  it('leaves the other devices of its user untouched', async () => {
    await using mobile = await Phone.tcp(edge.port, 'bob');
    await mobile.register(`${mobile.contact};+sip.instance="<urn:uuid:mobile>";expires=600`);
    const sent = sendCpim('one');
    const whole = await mobile.incoming();
    expect(readRaw(whole, 'Content-Type')).toBe('message/cpim');
    mobile.answer(whole, 200);
    expect(await sent).toBe(200);
    expect(textOf((await takePlain(baresip))[1])).toBe('one');
  });
});
