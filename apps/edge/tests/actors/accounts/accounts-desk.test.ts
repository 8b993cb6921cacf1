import { accountKey, buckets, edge as edgeMessages, rpc } from '@parley/contracts';
import type { edge } from '@parley/contracts';
import { systemClock } from '@parley/service';
import { unwrap } from '@parley/prelude';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../../support/phone.ts';
import { memoryBroker, startTestEdge } from '../../support/test-edge.ts';
import type { TestEdge } from '../../support/test-edge.ts';

describe('edge.accounts', () => {
  const broker = memoryBroker();
  const bus = broker.connect();
  let one: TestEdge;
  let two: TestEdge;

  beforeAll(async () => {
    one = await startTestEdge({ bus: broker.connect(), instance: 'e1' });
    two = await startTestEdge({ bus: broker.connect(), instance: 'e2' });
  });

  afterAll(async () => {
    await one[Symbol.asyncDispose]();
    await two[Symbol.asyncDispose]();
  });

  async function ask(command: edge.AccountCommandCommand): Promise<edge.AccountReplyOutcome> {
    const deadline = systemClock.now() + 30_000;
    const { outcome } = unwrap(
      await bus.request('edge.accounts', rpc.accounts, { commandId: 'c', command }, { deadline }),
    );
    if (outcome === undefined) throw new Error('expected an outcome');
    return outcome;
  }

  const wish = { name: 'dave', password: 'pass', displayName: 'Dave D', tel: '+1-555-0100' };

  it('makes an account that can be used at every edge, by name, by address and by number, and 409 the second time', async () => {
    expect(await ask({ kind: 'create', value: wish })).toMatchObject({ kind: 'account', value: { name: 'dave' } });
    expect(await ask({ kind: 'create', value: wish })).toMatchObject({ kind: 'refusal', value: { status: 409 } });
    await using dave = await Phone.tcp(two.port, 'dave', 'pass');
    await eventually(async () => {
      expect((await dave.register()).statusCode).toBe(200);
    });
    await using alice = await Phone.udp(two.port, 'alice');
    const sent = alice.message('tel:+15550100');
    dave.answer(await dave.incoming(), 200);
    expect((await sent).statusCode).toBe(200);
    const shown = await ask({ kind: 'show', value: { name: 'dave' } });
    expect(shown).toMatchObject({ value: { displayName: 'Dave D', bindings: [{ transport: 'TCP' }] } });
  });

  it('MUST give one number to one account only, however it is written (RFC 3966 §4)', async () => {
    // The other edge, which knows the account as the test before has shown, or this one is asked.
    await using dave = await Phone.udp(one.port, 'dave', 'pass');
    await eventually(async () => {
      expect((await dave.register()).statusCode).toBe(200);
    });
    const second = await ask({ kind: 'create', value: { ...wish, name: 'erin', tel: '+1(555)0100' } });
    expect(second).toMatchObject({ kind: 'refusal', value: { status: 409, phrase: 'Number Taken' } });
    expect(await ask({ kind: 'show', value: { name: 'erin' } })).toMatchObject({ value: { status: 404 } });
  });

  it('changes a password', async () => {
    expect((await ask({ kind: 'setPassword', value: { name: 'dave', password: 'new' } })).kind).toBe('account');
    await using dave = await Phone.udp(one.port, 'dave', 'new');
    await eventually(async () => {
      expect((await dave.register()).statusCode).toBe(200);
    });
    const missing = await ask({ kind: 'setPassword', value: { name: 'erin', password: 'x' } });
    expect(missing).toMatchObject({ value: { status: 404 } });
  });

  it('tells what waits in a mailbox', async () => {
    await using alice = await Phone.udp(one.port, 'alice');
    expect((await alice.message('sip:bob@localhost', 'hello')).statusCode).toBe(202);
    await eventually(async () => {
      const shown = await ask({ kind: 'show', value: { name: 'bob' } });
      expect(shown).toMatchObject({ value: { mail: { copies: 1 } } });
      if (shown.kind !== 'account') throw new Error('expected an account');
      expect(shown.value.mail?.octets).toBeGreaterThan(100);
      expect(shown.value.mail?.oldestAt).toBeGreaterThan(0);
    });
  });

  it('lists by pages', async () => {
    const names: string[] = [];
    let cursor = '';
    do {
      const page = await ask({ kind: 'list', value: { limit: 3, cursor } });
      if (page.kind !== 'list') throw new Error('expected a list');
      names.push(...page.value.items.map(({ name }) => name));
      cursor = page.value.next;
    } while (cursor !== '');
    expect(names).toEqual(['alice', 'bob', 'carol', 'dave']);
  });

  it('removes an account, and its bindings at every edge', async () => {
    expect((await ask({ kind: 'remove', value: { name: 'dave' } })).kind).toBe('done');
    const removed = await bus.bucket(buckets.removedAccounts, edgeMessages.RemovedAccount).get(accountKey('dave'));
    expect(unwrap(removed)?.value).toMatchObject({ name: 'dave' });
    await using alice = await Phone.udp(two.port, 'alice');
    await eventually(async () => {
      expect((await alice.message('sip:dave@localhost')).statusCode).toBe(404);
    });
    expect(await ask({ kind: 'show', value: { name: 'dave' } })).toMatchObject({ value: { status: 404 } });
    expect(await ask({ kind: 'remove', value: { name: 'dave' } })).toMatchObject({ value: { status: 404 } });
  });

  it.each([
    [{ ...wish, name: 'a b' }, 'name'],
    [{ ...wish, name: 'list' }, 'name'],
    [{ ...wish, name: '' }, 'name'],
    [{ ...wish, password: '' }, 'password'],
    [{ ...wish, tel: '0100' }, 'tel'],
  ])('refuses %o and names the field', async (value, field) => {
    const outcome = await ask({ kind: 'create', value });
    expect(outcome).toMatchObject({
      kind: 'refusal',
      value: { status: 400, message: expect.stringMatching(`^${field}:`) as string },
    });
  });
});
