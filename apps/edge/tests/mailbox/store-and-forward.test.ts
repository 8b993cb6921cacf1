import { shardOf } from '@parley/actor';
import { connectBus } from '@parley/bus';
import { edge as edgeContract, mailboxSubject, rpc, shardSubject, streams } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { readRaw, readRawAll } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { eventually, startNats } from '@parley/testing';
import type { NatsServer } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const bob = 'sip:bob@localhost';

/** The next message that comes, answered. */
async function take(phone: Phone, status = 200): Promise<SipRequest> {
  const request = await phone.incoming();
  phone.answer(request, status);
  return request;
}

async function takeBodies(phone: Phone, count: number): Promise<string[]> {
  const bodies: string[] = [];
  while (bodies.length < count) bodies.push(Buffer.from((await take(phone)).body).toString());
  return bodies;
}

function device(phone: Phone, name: string): string {
  return `${phone.contact};+sip.instance="<urn:uuid:${name}>";expires=600`;
}

describe('Store and forward with a real NATS (RFC 3428 §7)', () => {
  let nats: NatsServer;
  let edge: TestEdge;
  let alice: Phone;
  const start = async (): Promise<void> => {
    const bus = unwrap(await connectBus({ url: nats.url, name: 'edge', clock: systemClock }));
    edge = await startTestEdge({ bus, env: { PARLEY_LEASE_MS: '10000' } });
    alice = await Phone.tcp(edge.port, 'alice');
  };
  const stop = async (): Promise<void> => {
    await alice[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  };
  beforeEach(async () => {
    nats = await startNats();
    await start();
  });
  afterEach(async () => {
    await stop();
    await nats[Symbol.asyncDispose]();
  });

  const send = async (body: string, fields: readonly string[] = []): Promise<number> =>
    (await alice.message(bob, body, fields)).statusCode;

  it('answers 202 for one who is away, and delivers in order and byte for byte when he is back', async () => {
    const fields = ['Date: Sat, 13 Nov 2010 23:29:00 GMT', 'Content-Disposition: render', 'Subject: Grüße'];
    expect(await send('\u0000 ä\r\n.', fields)).toBe(202);
    expect(await send('two')).toBe(202);
    expect(await send('three')).toBe(202);
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    const first = await take(phone);
    expect(Buffer.from(first.body).toString()).toBe('\u0000 ä\r\n.');
    expect(readRaw(first, 'Date')).toBe('Sat, 13 Nov 2010 23:29:00 GMT');
    expect(readRaw(first, 'Content-Disposition')).toBe('render');
    expect(readRaw(first, 'Content-Type')).toBe('text/plain');
    expect(readRaw(first, 'From')).toContain('tag=from-alice');
    expect([readRaw(first, 'Call-ID'), readRaw(first, 'CSeq')]).toEqual([alice.callId, '2 MESSAGE']);
    expect([readRawAll(first, 'Via').length, readRaw(first, 'Proxy-Authorization')]).toEqual([1, undefined]);
    const second = await take(phone);
    expect(readRaw(second, 'Date')).toMatch(/GMT$/);
    expect(await takeBodies(phone, 1)).toEqual(['three']);
    await eventually(async () => {
      expect(await edge.metrics.text()).toMatch(/parley_mailbox_depth\{service="edge"\} 0\n/);
    });
    expect(await edge.metrics.text()).toMatch(/parley_messages_total\{outcome="stored",service="edge"\} 3\n/);
    // Until this edge has heard that the mailbox is empty, what is new goes behind, and comes all the same.
    await eventually(async () => {
      const live = send('four');
      await take(phone);
      expect(await live).toBe(200);
    });
  });

  it('stores for the device that is away and gives back the 2xx of the one that is not', async () => {
    await using desk = await Phone.tcp(edge.port, 'bob');
    const mobile = await Phone.tcp(edge.port, 'bob');
    await desk.register(device(desk, 'desk'));
    await mobile.register(device(mobile, 'mobile'));
    await mobile[Symbol.asyncDispose]();
    await using back = await Phone.tcp(edge.port, 'bob');
    for (const body of ['one', 'two']) {
      const sent = send(body);
      expect(Buffer.from((await take(desk)).body).toString()).toBe(body);
      expect(await sent).toBe(200);
    }
    await back.register(device(back, 'mobile'));
    expect(await takeBodies(back, 2)).toEqual(['one', 'two']);
    expect(desk.unread).toBe(0);
  });

  it('puts new mail behind old mail', async () => {
    await send('1');
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    const first = await phone.incoming();
    expect(await send('2')).toBe(202);
    expect(await send('3')).toBe(202);
    phone.answer(first, 200);
    expect(await takeBodies(phone, 2)).toEqual(['2', '3']);
  });

  it('keeps what a device answers with 5xx, and drops for it what it refuses for good', async () => {
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    await phone.register('*', ['Expires: 0']);
    for (const body of ['1', '2', '3']) expect(await send(body)).toBe(202);
    await phone.register();
    await take(phone, 503);
    await take(phone, 415);
    expect(await takeBodies(phone, 2)).toEqual(['2', '3']);
  });

  it('stores when a live device answers 480, and delivers it when it registers again', async () => {
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    const sent = send('later');
    await take(phone, 480);
    expect(await sent).toBe(202);
    await phone.register();
    expect(await takeBodies(phone, 1)).toEqual(['later']);
  });

  it('gives up a connection that hangs as soon as the device registers over another', async () => {
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register(device(phone, 'mobile'));
    await phone.register(`${phone.contact};+sip.instance="<urn:uuid:mobile>";expires=0`);
    for (const body of ['1', '2']) expect(await send(body)).toBe(202);
    await phone.register(device(phone, 'mobile'));
    expect(Buffer.from((await phone.incoming()).body).toString()).toBe('1');
    // It never answers: its transaction would take 32 s to end (Timer F).
    await using again = await Phone.tcp(edge.port, 'bob');
    await again.register(device(again, 'mobile'));
    expect(await takeBodies(again, 2)).toEqual(['1', '2']);
  });

  it('answers 480 to Expires: 0 and to is-composing, bare or in CPIM, and does not store them', async () => {
    expect(await send('now', ['Expires: 0'])).toBe(480);
    const composing = async (type: string, body: string): Promise<number> =>
      (await alice.request('MESSAGE', bob, { body, fields: [`Content-Type: ${type}`] })).statusCode;
    expect(await composing('application/im-iscomposing+xml', '<isComposing/>')).toBe(480);
    const cpim = 'From: <sip:a@b>\r\n\r\nContent-Type: application/im-iscomposing+xml\r\n\r\n<isComposing/>';
    expect(await composing('message/cpim', cpim)).toBe(480);
    await send('kept');
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    expect(await takeBodies(phone, 1)).toEqual(['kept']);
  });

  it('does not deliver a message past its Expires', async () => {
    expect(await send('brief', ['Expires: 1'])).toBe(202);
    expect(await send('long', ['Expires: 60'])).toBe(202);
    const over = systemClock.now() + 1_000;
    await eventually(() => {
      expect(systemClock.now()).toBeGreaterThan(over);
    });
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    expect(await takeBodies(phone, 1)).toEqual(['long']);
  });

  it('answers 503 with Retry-After while NATS is away, and 202 again when it is back, with nothing lost', async () => {
    expect(await send('before')).toBe(202);
    await nats.kill9();
    const refused = await alice.message(bob);
    expect([refused.statusCode, readRaw(refused, 'Retry-After')]).toEqual([503, '5']);
    await nats.restart();
    await eventually(async () => {
      expect(await send('after')).toBe(202);
    });
    await using phone = await Phone.tcp(edge.port, 'bob');
    await eventually(async () => {
      expect((await phone.register()).statusCode).toBe(200);
    });
    expect(await takeBodies(phone, 2)).toEqual(['before', 'after']);
  });

  it('empties the mailbox of an account that is removed', async () => {
    expect(await send('for the old bob')).toBe(202);
    const ask = async (command: edgeContract.AccountCommandCommand): Promise<string | undefined> => {
      const deadline = systemClock.now() + 30_000;
      const reply = await edge.bus.request('edge.accounts', rpc.accounts, { commandId: 'c', command }, { deadline });
      return unwrap(reply).outcome?.kind;
    };
    expect(await ask({ kind: 'remove', value: { name: 'bob' } })).toBe('done');
    expect(await send('nobody')).toBe(404);
    const value = { name: 'bob', password: 'secret', displayName: '', tel: '' };
    expect(await ask({ kind: 'create', value })).toBe('account');
    expect(await send('for the new bob')).toBe(202);
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    expect(await takeBodies(phone, 1)).toEqual(['for the new bob']);
  });

  it('hears in one breath that an account is gone and that its successor has mail', async () => {
    expect(await send('for the old bob')).toBe(202);
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    expect(await takeBodies(phone, 1)).toEqual(['for the old bob']);
    const request = Buffer.from(phone.write('MESSAGE', bob, { body: 'for the new bob' }));
    const message = {
      request,
      storedAt: systemClock.wallTime(),
      expiresAt: 0,
      notBefore: 0,
      devices: [],
      accountSince: 0,
      shared: false,
      others: [],
    };
    const appended = unwrap(
      await edge.bus.stream(streams.mailbox, edgeContract.MailboxMessage).append(mailboxSubject('bob'), message, {}),
    );
    const sequence = appended.outcome === 'appended' ? appended.sequence : 0;
    const news = {
      account: 'bob',
      stored: [{ sequence, devices: [], octets: 0 }],
      registered: [''],
      taken: [],
      removed: true,
    };
    const deadline = systemClock.now() + 30_000;
    unwrap(await edge.bus.request(shardSubject('edge', shardOf('bob')), rpc.mailbox, news, { deadline }));
    expect(await takeBodies(phone, 1)).toEqual(['for the new bob']);
  });

  it('delivers after a restart of the edge', async () => {
    for (const body of ['1', '2']) expect(await send(body)).toBe(202);
    await stop();
    await start();
    expect(await send('3')).toBe(202);
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    expect(await takeBodies(phone, 3)).toEqual(['1', '2', '3']);
  });
});
