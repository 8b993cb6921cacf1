import type { BusFailure } from '@parley/bus';
import { busFailure, createMemoryBroker } from '@parley/bus';
import { accountKey, buckets, edge } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok, unwrap } from '@parley/prelude';
import { nodeDigestHash } from '@parley/sip-stack/node';
import { SimulatedClock } from '@parley/testing';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { AccountBook } from '../../../src/accounts/account-book.ts';
import type { AccountRemovalOptions } from '../../../src/actors/accounts/account-removal.ts';
import { AccountsDesk } from '../../../src/actors/accounts/accounts-desk.ts';
import { EdgeEvents } from '../../../src/events.ts';
import { ListBook } from '../../../src/lists/list-book.ts';
import { AccountEntries } from '../../../src/location/account-entries.ts';
import { BindingBook } from '../../../src/location/binding-book.ts';

const dave = { name: 'dave', password: 'pass', displayName: '', tel: '' };

/** A store with dave in it, and edges that write down in which order they do what a removal takes. */
async function scene() {
  const clock = new SimulatedClock();
  const broker = createMemoryBroker({ clock });
  const done: string[] = [];
  const edgeWith = async (emptied: Result<void, BusFailure>) => {
    const bus = broker.connect();
    const entries = new AccountEntries();
    const accounts = new AccountBook(bus, entries);
    const mailboxes = {
      remove: () => Promise.resolve(note('mailbox emptied', emptied)),
      clear: () => Promise.resolve(ok(undefined)),
      fillOf: () => ({ copies: 0, octets: 0, oldestAt: 0 }),
    };
    const bucket = bus.bucket(buckets.removedAccounts, edge.RemovedAccount);
    const removed: AccountRemovalOptions['removed'] = {
      get: (key) => bucket.get(key),
      create: async (key, news) => noteTold(await bucket.create(key, news)),
      update: async (key, news, revision) => noteTold(await bucket.update(key, news, revision)),
    };
    const desk = new AccountsDesk({
      domain: 'localhost',
      clock,
      hash: nodeDigestHash,
      accounts,
      bindings: new BindingBook(bus, clock, 'e1', entries),
      mailboxes,
      lists: new ListBook(bus),
      ends: { tokenFor: () => '' },
      removed,
      events: new EdgeEvents(pino({ level: 'silent' })),
    });
    await clock.run(10);
    const take = async (command: edge.AccountCommandCommand) => (await desk.take({ commandId: 'c', command })).outcome;
    return { accounts, desk, take };
  };
  const noteTold = <T extends Result<{ readonly outcome: string }, BusFailure>>(written: T): T => {
    const isTold = written.ok && (written.value.outcome === 'created' || written.value.outcome === 'updated');
    return note(isTold ? 'told' : 'not told', written);
  };
  const note = <T>(what: string, outcome: T): T => {
    done.push(what);
    return outcome;
  };
  const one = await edgeWith(ok(undefined));
  expect((await one.take({ kind: 'create', value: dave }))?.kind).toBe('account');
  const store = broker.connect().bucket(buckets.accounts, edge.AccountRecord);
  return { clock, done, one, edgeWith, store };
}

const remove = { kind: 'remove', value: { name: 'dave' } } as const;
const away = err(busFailure('disconnected', 'NATS is away'));

describe('The removal of an account', () => {
  it('is told once, after all that was the account’s has gone', async () => {
    const { one, done } = await scene();
    expect((await one.take(remove))?.kind).toBe('done');
    expect(done).toEqual(['mailbox emptied', 'told']);
  });

  it('is told to nobody when somebody else changed the account at that moment: 409, and the account stays', async () => {
    const { one, done, store } = await scene();
    const record = unwrap(await store.get(accountKey('dave')))?.value;
    if (record === undefined) throw new Error('expected the account');
    const removing = one.take(remove);
    unwrap(await store.put(accountKey('dave'), { ...record, displayName: 'Dave' }));
    expect(await removing).toMatchObject({ kind: 'refusal', value: { status: 409 } });
    expect([done, one.accounts.find('dave')?.name]).toEqual([[], 'dave']);
  });

  it('that is cut short leaves nobody who can use the account, and is gone on with by who is asked again', async () => {
    const { clock, edgeWith, one } = await scene();
    const cut = await edgeWith(away);
    expect(await cut.take(remove)).toMatchObject({ kind: 'refusal', value: { status: 503 } });
    await clock.run(10);
    expect(one.accounts.find('dave')).toBeUndefined();
    const password = { kind: 'setPassword', value: { name: 'dave', password: 'new' } } as const;
    expect(await one.take(password)).toMatchObject({ kind: 'refusal', value: { status: 404 } });
    expect((await one.take(remove))?.kind).toBe('done');
    expect(await one.take(remove)).toMatchObject({ value: { status: 404 } });
  });

  it('that is cut short is gone on with by an edge that starts, and by who makes a successor', async () => {
    const { clock, edgeWith, one, done, store } = await scene();
    const cut = await edgeWith(away);
    await cut.take(remove);
    const next = await edgeWith(ok(undefined));
    await next.desk.finishRemovals();
    expect([unwrap(await store.get(accountKey('dave'))), done.at(-1)]).toEqual([undefined, 'told']);
    await one.take({ kind: 'create', value: dave });
    await cut.take(remove);
    await clock.run(10);
    expect((await one.take({ kind: 'create', value: dave }))?.kind).toBe('account');
    expect(one.accounts.find('dave')?.name).toBe('dave');
  });

  it('is told once when two edges go on with it at once, and again when the next of the name goes', async () => {
    const { clock, edgeWith, one, done } = await scene();
    const cut = await edgeWith(away);
    await cut.take(remove);
    const next = await edgeWith(ok(undefined));
    await Promise.all([one.desk.finishRemovals(), next.desk.finishRemovals()]);
    expect(done.filter((each) => each === 'told')).toHaveLength(1);
    await clock.run(10);
    await one.take({ kind: 'create', value: dave });
    expect((await one.take(remove))?.kind).toBe('done');
    expect(done.filter((each) => each === 'told')).toHaveLength(2);
  });

  it('that another edge has ended meanwhile is not begun again, of who has taken the name since', async () => {
    for (const goOn of ['start', 'create'] as const) {
      const { clock, edgeWith, one, store } = await scene();
      const cut = await edgeWith(away);
      await cut.take(remove);
      await clock.run(10);
      const record = unwrap(await store.get(accountKey('dave')))?.value;
      if (record === undefined) throw new Error('expected the account');
      const succeeded = store.put(accountKey('dave'), { ...record, leavingSince: 0, createdAt: clock.wallTime() });
      expect([...one.accounts.leaving]).toEqual(['dave']);
      if (goOn === 'start') await one.desk.finishRemovals();
      else expect(await one.take({ kind: 'create', value: dave })).toMatchObject({ value: { status: 409 } });
      unwrap(await succeeded);
      expect(unwrap(await store.get(accountKey('dave')))?.value.leavingSince).toBe(0);
    }
  });
});
