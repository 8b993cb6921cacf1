import { accountKey, buckets, edge as contract, mailboxKey, mailboxSubject, rpc, streams } from '@parley/contracts';
import type { MemoryBroker } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { memoryBroker, startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const bob = 'sip:bob@localhost';
/** A lease that a busy machine does not let lapse: shards change hands by agreement alone. */
const env = { PARLEY_LEASE_MS: '20000' };

async function takeBodies(phone: Phone, count: number): Promise<string[]> {
  const bodies: string[] = [];
  while (bodies.length < count) {
    const request = await phone.incoming();
    phone.answer(request, 200);
    bodies.push(Buffer.from(request.body).toString());
  }
  return bodies;
}

function device(phone: Phone, name: string): string {
  return `${phone.contact};+sip.instance="<urn:uuid:${name}>";expires=600`;
}

describe('Mail over several edges', () => {
  let broker: MemoryBroker;
  let first: TestEdge;
  let second: TestEdge;
  let alice: Phone;
  beforeEach(async () => {
    broker = memoryBroker();
    first = await startTestEdge({ bus: broker.connect(), instance: 'e1', env });
    second = await startTestEdge({ bus: broker.connect(), instance: 'e2', env });
    alice = await Phone.tcp(first.port, 'alice');
  });
  afterEach(async () => {
    await alice[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
  });

  const send = async (body: string, from = alice): Promise<number> => (await from.message(bob, body)).statusCode;
  const ask = async (at: TestEdge, command: contract.AccountCommandCommand): Promise<string | undefined> => {
    const deadline = systemClock.now() + 30_000;
    const reply = await at.bus.request('edge.accounts', rpc.accounts, { commandId: 'c', command }, { deadline });
    return unwrap(reply).outcome?.kind;
  };

  it('goes to devices at whichever edge they register, in order, whichever edge owns the mailbox', async () => {
    // carol and bob fall on different shards, which the edges share between them.
    for (const to of [bob, 'sip:carol@localhost']) {
      for (const body of ['1', '2', '3']) expect((await alice.message(to, body)).statusCode).toBe(202);
      const user = to.slice(4, to.indexOf('@'));
      await using desk = await Phone.tcp(second.port, user);
      await desk.register(device(desk, `${user}-desk`));
      expect(await takeBodies(desk, 3)).toEqual(['1', '2', '3']);
    }
  });

  it('that one edge stores comes before what another gets for the same device', async () => {
    await using carol = await Phone.tcp(second.port, 'carol');
    expect(await send('old')).toBe(202);
    await using desk = await Phone.tcp(second.port, 'bob');
    await desk.register(device(desk, 'desk'));
    const old = await desk.incoming();
    // The first is on its way and not answered: what comes by the other edge has to wait for it.
    const sending = send('new', carol);
    desk.answer(old, 200);
    expect(Buffer.from(old.body).toString()).toBe('old');
    expect(await takeBodies(desk, 1)).toEqual(['new']);
    expect([200, 202]).toContain(await sending);
  });

  it('goes on when the edge that owns the mailbox hands over, and repeats nothing', async () => {
    for (let i = 0; i < 20; i++) expect(await send(String(i))).toBe(202);
    const third = await startTestEdge({ bus: broker.connect(), instance: 'e3', env });
    await using desk = await Phone.tcp(third.port, 'bob');
    await desk.register(device(desk, 'desk'));
    const bodies = await takeBodies(desk, 5);
    await second.service.drain?.();
    bodies.push(...(await takeBodies(desk, 15)));
    expect(bodies).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    await third[Symbol.asyncDispose]();
  });

  it('of an account that is removed never reaches its successor, and the mail of the successor stays', async () => {
    for (const body of ['old 1', 'old 2']) expect(await send(body)).toBe(202);
    const accounts = first.bus.bucket(buckets.accounts, contract.AccountRecord);
    const sinceOf = async (): Promise<number> => unwrap(await accounts.get(accountKey('bob')))?.value.createdAt ?? 0;
    const before = await sinceOf();
    // The successor is made at another edge before the one that removes comes to the mailbox.
    const removing = ask(first, { kind: 'remove', value: { name: 'bob' } });
    const value = { name: 'bob', password: 'secret', displayName: '', tel: '' };
    await eventually(async () => {
      expect(await ask(second, { kind: 'create', value })).toBe('account');
    });
    const request = Buffer.from(alice.write('MESSAGE', bob, { body: 'new' }));
    const stream = second.bus.stream(streams.mailbox, contract.MailboxMessage);
    const since = await sinceOf();
    expect(since).toBeGreaterThan(before);
    const copy = {
      request,
      storedAt: since,
      expiresAt: 0,
      notBefore: 0,
      devices: [],
      accountSince: since,
      shared: false,
      others: [],
    };
    unwrap(await stream.append(mailboxSubject('bob'), copy));
    expect(await removing).toBe('done');
    await eventually(async () => {
      expect(await send('newer')).toBe(202);
    });
    await using phone = await Phone.tcp(second.port, 'bob');
    await eventually(async () => {
      expect((await phone.register()).statusCode).toBe(200);
    });
    expect(await takeBodies(phone, 2)).toEqual(['new', 'newer']);
  });

  it('of an earlier account that was left in the stream is passed over', async () => {
    expect(await send('mine')).toBe(202);
    const stream = first.bus.stream(streams.mailbox, contract.MailboxMessage);
    const request = Buffer.from(alice.write('MESSAGE', bob, { body: 'of the one before' }));
    const copy = {
      request,
      storedAt: 1,
      expiresAt: 0,
      notBefore: 0,
      devices: [],
      accountSince: 1,
      shared: false,
      others: [],
    };
    unwrap(await stream.append(mailboxSubject('bob'), copy));
    await using phone = await Phone.tcp(second.port, 'bob');
    await phone.register();
    expect(await takeBodies(phone, 1)).toEqual(['mine']);
    await eventually(async () => {
      expect(unwrap(await stream.next(mailboxSubject('bob'), 1))).toBeUndefined();
      const summary = await first.bus.bucket(buckets.mailboxes, contract.MailboxRecord).get(mailboxKey('bob'));
      expect(unwrap(summary)?.value.depth).toBe(0);
    });
    expect(phone.unread).toBe(0);
  });
});
