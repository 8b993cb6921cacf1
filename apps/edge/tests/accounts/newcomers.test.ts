import { rpc } from '@parley/contracts';
import type { edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { readRaw } from '@parley/sip';
import { systemClock } from '@parley/service';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { memoryBroker, startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const lab = { PARLEY_AUTH: 'none', PARLEY_USERS: 'alice:secret' };

async function ask({ bus }: TestEdge, command: edge.AccountCommandCommand): Promise<edge.AccountReplyOutcome> {
  const deadline = systemClock.now() + 30_000;
  const { outcome } = unwrap(
    await bus.request('edge.accounts', rpc.accounts, { commandId: 'c', command }, { deadline }),
  );
  if (outcome === undefined) throw new Error('expected an outcome');
  return outcome;
}

async function names(edge: TestEdge): Promise<readonly string[]> {
  const outcome = await ask(edge, { kind: 'list', value: { limit: 0, cursor: '' } });
  if (outcome.kind !== 'list') throw new Error('expected a list');
  return outcome.value.items.map(({ name }) => name);
}

describe('PARLEY_AUTH=none', () => {
  it('makes an account for who registers without one, once, at whichever edges', async () => {
    const broker = memoryBroker();
    await using one = await startTestEdge({ env: lab, bus: broker.connect(), instance: 'e1' });
    await using two = await startTestEdge({ env: lab, bus: broker.connect(), instance: 'e2' });
    await using first = await Phone.udp(one.port, 's0');
    await using second = await Phone.tcp(two.port, 's0');
    const contact = (phone: Phone, device: string): string => `${phone.contact};+sip.instance="<urn:uuid:${device}>"`;
    const answers = await Promise.all([first.register(contact(first, 'a')), second.register(contact(second, 'b'))]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    await eventually(async () => {
      expect(await names(one)).toEqual(['alice', 's0']);
      const shown = await ask(one, { kind: 'show', value: { name: 's0' } });
      const transports = shown.kind === 'account' ? shown.value.bindings.map(({ transport }) => transport) : [];
      expect(transports.toSorted()).toEqual(['TCP', 'UDP']);
    });
  });

  it('lets the many requests of one newcomer wait for one account', async () => {
    await using edge = await startTestEdge({ env: lab });
    await using zoe = await Phone.tcp(edge.port, 'zoe');
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await zoe.ask('MESSAGE', 'sip:alice@localhost')).statusCode),
    );
    expect(new Set(statuses)).toEqual(new Set([202]));
    expect(await names(edge)).toEqual(['alice', 'zoe']);
  });

  it('makes none for whom nobody knows as a recipient: 404', async () => {
    await using edge = await startTestEdge({ env: lab });
    await using zoe = await Phone.udp(edge.port, 'zoe');
    expect((await zoe.message('sip:yvonne@localhost')).statusCode).toBe(404);
    expect(await names(edge)).toEqual(['alice', 'zoe']);
  });

  it.each(['%20', 'list', 'factory', 'x'.repeat(65), 'a%2Fb', 'team'])(
    'makes no account with the name %s, which none may have',
    async (name) => {
      await using edge = await startTestEdge({ env: lab });
      const value = {
        name: 'team',
        displayName: '',
        owner: '',
        senders: 'anyone',
        hideMembers: false,
        members: ['alice'],
      };
      const command = { commandId: 'l', command: { kind: 'create', value } } as const;
      const made = await edge.bus.request('edge.lists', rpc.lists, command, { deadline: systemClock.now() + 30_000 });
      expect(unwrap(made).outcome?.kind).toBe('list');
      await using phone = await Phone.udp(edge.port, name);
      expect((await phone.register('<sip:x@192.0.2.1>')).statusCode).toBe(403);
      expect(await names(edge)).toEqual(['alice']);
    },
  );

  it('makes no account of a temporary GRUU that hides nobody any more (RFC 5627 §6.1)', async () => {
    await using edge = await startTestEdge({ env: lab });
    await using phone = await Phone.udp(edge.port, 'tgruu.x', '', 'localhost;gr');
    expect((await phone.message('sip:alice@localhost')).statusCode).toBe(403);
    expect(await names(edge)).toEqual(['alice']);
  });

  it('stops at PARLEY_NEWCOMERS with 403 and says so; accounts with a password do not count', async () => {
    await using edge = await startTestEdge({ env: { ...lab, PARLEY_NEWCOMERS: '2' } });
    const answers = [];
    for (const name of ['a', 'b', 'c', 'alice', 'a']) {
      await using phone = await Phone.udp(edge.port, name);
      answers.push(await phone.register());
    }
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 403, 200, 200]);
    expect(readRaw(answers[2] ?? expect.unreachable(), 'Warning')).toContain('PARLEY_NEWCOMERS');
    await ask(edge, { kind: 'setPassword', value: { name: 'a', password: 'chosen' } });
    await using late = await Phone.udp(edge.port, 'c');
    expect((await late.register()).statusCode).toBe(200);
  });

  it('leaves no account that somebody could log in to by digest, until it is given a password', async () => {
    const broker = memoryBroker();
    await using open = await startTestEdge({ env: lab, bus: broker.connect(), instance: 'e1' });
    await using newcomer = await Phone.udp(open.port, 's0');
    expect((await newcomer.register()).statusCode).toBe(200);
    await using asking = await startTestEdge({ env: { PARLEY_USERS: '' }, bus: broker.connect(), instance: 'e2' });
    await using guess = await Phone.udp(asking.port, 's0', '');
    expect((await guess.register()).statusCode).toBe(401);
    await ask(asking, { kind: 'setPassword', value: { name: 's0', password: 'chosen' } });
    await using owner = await Phone.udp(asking.port, 's0', 'chosen');
    await eventually(async () => {
      expect((await owner.register()).statusCode).toBe(200);
    });
  });
});
