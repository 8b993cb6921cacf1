import type { MemoryBroker } from '@parley/bus';
import {
  buckets,
  edge as edgeContract,
  groupSubject,
  mailboxKey,
  mailboxSubject,
  rpc,
  streams,
} from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cpimBody, imdnsIn } from '../support/cpim.ts';
import { Phone } from '../support/phone.ts';
import { memoryBroker, startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const bob = 'sip:bob@localhost';
const clearedNote = 'The mailbox was cleared before the message could be delivered.';

async function take(phone: Phone, status = 200): Promise<SipRequest> {
  const request = await phone.incoming();
  phone.answer(request, status);
  return request;
}

describe('a mailbox that an operator clears (RFC 5438 §8.2)', () => {
  let broker: MemoryBroker;
  let edge: TestEdge;
  let alice: Phone;
  const start = async (): Promise<void> => {
    edge = await startTestEdge({ bus: broker.connect() });
    alice = await Phone.tcp(edge.port, 'alice');
    await alice.register();
  };
  const stop = async (): Promise<void> => {
    await alice[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  };
  beforeEach(async () => {
    broker = memoryBroker();
    await start();
  });
  afterEach(stop);

  const send = async (id: string, requests = 'negative-delivery'): Promise<number> => {
    const options = { body: cpimBody('Hello', { id, requests }), fields: ['Content-Type: message/cpim'] };
    return (await alice.request('MESSAGE', bob, options)).statusCode;
  };
  const asked = async (
    command: edgeContract.AccountCommand['command'],
  ): Promise<edgeContract.AccountReply['outcome']> => {
    const deadline = Number.MAX_SAFE_INTEGER;
    const subject = groupSubject('edge', 'accounts');
    return unwrap(await edge.bus.request(subject, rpc.accounts, { commandId: 'c', command }, { deadline })).outcome;
  };
  const clear = (name: string): Promise<edgeContract.AccountReply['outcome']> =>
    asked({ kind: 'clearMailbox', value: { name } });
  const empty = (): Promise<void> =>
    eventually(async () => {
      expect(await edge.metrics.text()).toMatch(/parley_mailbox_depth\{service="edge"\} 0\n/);
    });

  it('is empty, and who asked for delivery notifications hears of the failure, once', async () => {
    expect([await send('m1'), await send('quiet', ''), await send('m2')]).toEqual([202, 202, 202]);
    expect(await clear('bob')).toEqual({ kind: 'done', value: {} });
    const told = [await take(alice), await take(alice)].flatMap(imdnsIn);
    expect(told.map(({ messageId }) => messageId).toSorted()).toEqual(['m1', 'm2']);
    for (const imdn of told)
      expect(imdn).toMatchObject({ disposition: { type: 'delivery', status: 'failed' }, note: { text: clearedNote } });
    await empty();
    const stream = edge.bus.stream(streams.mailbox, edgeContract.MailboxMessage);
    await eventually(async () => {
      expect(unwrap(await stream.last(mailboxSubject('bob')))).toBeUndefined();
    });
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    await eventually(async () => {
      const next = send('m3');
      expect(messageIdOf(await take(phone))).toBe('m3');
      expect(await next).toBeLessThan(300);
    });
    expect([phone.unread, alice.unread]).toEqual([0, 0]);
    expect(await edge.metrics.text()).toMatch(/parley_mailbox_copies_total\{outcome="cleared",service="edge"\} 3\n/);
  });

  it('does not count, though its copies may still be there', async () => {
    expect(await send('m1')).toBe(202);
    expect(await clear('bob')).toEqual({ kind: 'done', value: {} });
    await eventually(async () => {
      const shown = await asked({ kind: 'show', value: { name: 'bob' } });
      expect(shown).toMatchObject({ kind: 'account', value: { mail: { copies: 0, octets: 0, oldestAt: 0 } } });
    });
  });

  it('leaves what is on its way to how that goes: taken is delivered', async () => {
    expect([await send('m1'), await send('m2')]).toEqual([202, 202]);
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    const onItsWay = await phone.incoming();
    expect(await clear('bob')).toEqual({ kind: 'done', value: {} });
    phone.answer(onItsWay, 200);
    expect(imdnsIn(await take(alice)).map(({ messageId }) => messageId)).toEqual(['m2']);
    await empty();
    expect([phone.unread, alice.unread]).toEqual([0, 0]);
  });

  it('gives up what is on its way and was not taken at once, and lets new mail through without a pause', async () => {
    expect(await send('m1')).toBe(202);
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    const onItsWay = await phone.incoming();
    expect(await clear('bob')).toEqual({ kind: 'done', value: {} });
    phone.answer(onItsWay, 503);
    expect(imdnsIn(await take(alice)).map(({ messageId }) => messageId)).toEqual(['m1']);
    await empty();
    const next = send('m2');
    expect(messageIdOf(await take(phone))).toBe('m2');
    expect(await next).toBeLessThan(300);
  });

  it('lets new mail pass what a device has put off', async () => {
    expect(await send('m1')).toBe(202);
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    for (let i = 0; i < 3; i++) await take(phone, 503);
    expect(await clear('bob')).toEqual({ kind: 'done', value: {} });
    await take(alice);
    const next = send('m2');
    expect(messageIdOf(await take(phone))).toBe('m2');
    expect(await next).toBeLessThan(300);
  });

  it('stays cleared when the edge dies before it has told anybody: the next owner tells', async () => {
    expect(await send('m1')).toBe(202);
    await stop();
    // What a killed edge leaves: the mark is stored, and nothing else is done.
    const bus = broker.connect();
    const record = bus.bucket(buckets.mailboxes, edgeContract.MailboxRecord);
    const entry = unwrap(await record.get(mailboxKey('bob')));
    if (entry === undefined) throw new Error('expected the record of a mailbox');
    await record.put(mailboxKey('bob'), { ...entry.value, clearedTo: entry.value.seen });
    await start();
    await using phone = await Phone.tcp(edge.port, 'bob');
    await phone.register();
    const told = imdnsIn(await take(alice));
    expect(told).toMatchObject([{ messageId: 'm1', note: { text: clearedNote } }]);
    await empty();
    expect(phone.unread).toBe(0);
  });

  it('is that of an account: 404 for any other name', async () => {
    expect(await clear('nobody')).toMatchObject({ kind: 'refusal', value: { status: 404 } });
    expect(await clear('bob')).toEqual({ kind: 'done', value: {} });
  });
});

function messageIdOf(message: SipRequest): string | undefined {
  return /imdn\.Message-ID: (\S+)/.exec(Buffer.from(message.body).toString())?.[1];
}
