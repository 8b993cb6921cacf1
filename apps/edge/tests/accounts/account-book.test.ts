import { createMemoryBroker } from '@parley/bus';
import { accountKey, buckets, edge, numberKey } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { AccountEntries } from '../../src/location/account-entries.ts';
import { accountToRecord } from '../../src/adapters/account-record.ts';
import { AccountBook } from '../../src/accounts/account-book.ts';
import { NumberClaims } from '../../src/accounts/number-claims.ts';
import { away, troubled } from '../support/mailbox-world.ts';

const secrets = { name: { md5: '', sha256: '' }, address: { md5: '', sha256: '' } };
const alice = { name: 'alice', displayName: '', tel: '', secrets, createdAt: 1 };

async function scene() {
  const clock = new SimulatedClock();
  const bus = createMemoryBroker({ clock }).connect();
  const entries = new AccountEntries();
  const book = new AccountBook(bus, entries);
  await book.filled;
  const removed: number[] = [];
  book.onRemoved(({ createdAt }) => removed.push(createdAt));
  return { clock, bus, book, entries, removed };
}

async function remove(book: AccountBook): Promise<void> {
  unwrap(await book.remove(unwrap(await book.leave('alice', 2))));
}

describe('Accounts, as an edge knows them', () => {
  it('tells which account was removed', async () => {
    const { clock, book, removed } = await scene();
    await book.add(alice);
    await remove(book);
    await clock.run(10);
    expect([removed, book.find('alice')]).toEqual([[1], undefined]);
  });

  it('tells so of one whose removal it missed, when it meets the successor', async () => {
    const { clock, bus, book, removed } = await scene();
    await book.add(alice);
    const bucket = bus.bucket(buckets.accounts, edge.AccountRecord);
    const record = unwrap(await bucket.get(accountKey('alice')))?.value;
    if (record === undefined) throw new Error('expected the account');
    await bucket.put(accountKey('alice'), { ...record, createdAt: 5 });
    await clock.run(10);
    expect([removed, book.find('alice')?.createdAt]).toEqual([[1], 5]);
  });

  it('gives a number once, also to who asks while it is being stored, and again when its account is gone', async () => {
    const { book } = await scene();
    const first = book.add({ ...alice, tel: '+1-555-1234' });
    const second = { ...alice, name: 'bob', tel: '+15551234' };
    const refused = { ok: false, error: { status: 409, message: expect.stringMatching('^tel:') as string } };
    expect(await book.add(second)).toMatchObject(refused);
    expect(await first).toMatchObject({ ok: true });
    expect(await book.add(second)).toMatchObject(refused);
    expect(await book.add({ ...alice, tel: '+15551234' })).toMatchObject({
      ok: false,
      error: { phrase: 'Name Taken' },
    });
    await remove(book);
    expect(await book.add(second)).toMatchObject({ ok: true });
    expect(book.findByNumber('+15551234')?.name).toBe('bob');
  });

  it('gives a number to one of two that two edges make at the same moment', async () => {
    const { bus, book } = await scene();
    const other = new AccountBook(bus, new AccountEntries());
    const tel = '+15551234';
    const made = await Promise.all([book.add({ ...alice, tel }), other.add({ ...alice, name: 'bob', tel })]);
    expect(made.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    const stored = unwrap(await bus.bucket(buckets.accounts, edge.AccountRecord).entries());
    expect(stored.filter((entry) => entry.value.tel === tel)).toHaveLength(1);
  });

  it('does not keep a number for an account that was never made, since the edge that claimed it died', async () => {
    const { bus, book } = await scene();
    const tel = '+15551234';
    const claims = bus.bucket(buckets.numbers, edge.NumberClaim);
    unwrap(await claims.create(numberKey(tel), { name: 'bob', accountSince: 1 }));
    expect(await book.add({ ...alice, tel, createdAt: 5_000 })).toMatchObject({ error: { status: 409 } });
    expect(await book.add({ ...alice, name: 'bob', tel, createdAt: 5_000 })).toMatchObject({ ok: true });
    unwrap(await claims.put(numberKey('+15559999'), { name: 'carol', accountSince: 1 }));
    expect(await book.add({ ...alice, tel: '+15559999', createdAt: 20_000 })).toMatchObject({ ok: true });
  });

  it('is made by who tries again after the store failed, whether it had stored the account or not', async () => {
    const { bus } = await scene();
    let failing: RegExp | undefined;
    const trouble = (method: string) => Promise.resolve(failing?.test(method) === true ? away : undefined);
    const book = new AccountBook(troubled(bus, trouble), new AccountEntries());
    await book.filled;
    const tel = '+15551234';
    failing = /^numbers get/;
    expect(await book.add({ ...alice, tel, createdAt: 1 })).toMatchObject({ error: { kind: 'TransportFailure' } });
    expect(await book.add({ ...alice, tel, createdAt: 2 })).toMatchObject({ error: { kind: 'TransportFailure' } });
    failing = undefined;
    expect(await book.add({ ...alice, tel, createdAt: 3 })).toMatchObject({ ok: true });
    expect(await book.add({ ...alice, tel, createdAt: 4 })).toMatchObject({ error: { phrase: 'Name Taken' } });
    expect(book.findByNumber(tel)?.createdAt).toBe(3);
    // What was stored, and not said to be; and nobody's but of a moment ago is taken back.
    const accounts = bus.bucket(buckets.accounts, edge.AccountRecord);
    for (const [name, again, isMade] of [
      ['bob', 60_001, true],
      ['carol', 60_002, false],
    ] as const) {
      failing = /^accounts create/;
      expect((await book.add({ ...alice, name, createdAt: 1 })).ok).toBe(false);
      failing = undefined;
      unwrap(await accounts.create(accountKey(name), accountToRecord({ ...alice, name, createdAt: 1 })));
      expect((await book.add({ ...alice, name, createdAt: again })).ok).toBe(isMade);
    }
  });

  it('gives way when its number was given to another while it was being made', async () => {
    const { clock, bus, book } = await scene();
    const tel = '+15551234';
    const accounts = bus.bucket(buckets.accounts, edge.AccountRecord);
    const slow = new NumberClaims(bus, accounts);
    expect(unwrap(await slow.take(tel, { ...alice, name: 'bob', createdAt: 1 }))).toBe(true);
    expect(await book.add({ ...alice, tel, createdAt: 20_000 })).toMatchObject({ ok: true });
    expect(unwrap(await slow.isHeld(tel, 'bob'))).toBe(false);
    // The other way round: the account is there by the time its number has been taken over.
    unwrap(await bus.bucket(buckets.numbers, edge.NumberClaim).put(numberKey('+1'), { name: 'bob', accountSince: 1 }));
    const late = { get: accounts.get.bind(accounts) };
    const claims = new NumberClaims(bus, {
      get: async (key) => {
        const found = await late.get(key);
        if (key === accountKey('bob') && found.ok && found.value === undefined)
          unwrap(await accounts.create(key, accountToRecord({ ...alice, name: 'bob', tel: '+1' })));
        return found;
      },
    });
    expect(unwrap(await claims.take('+1', { ...alice, createdAt: 20_000 }))).toBe(false);
    expect(unwrap(await claims.isHeld('+1', 'bob'))).toBe(true);
    await clock.run(10);
  });

  it('takes a change of the same account for no removal', async () => {
    const { clock, book, removed } = await scene();
    await book.add(alice);
    await book.change('alice', (account) => ({ ...account, displayName: 'Alice' }));
    await clock.run(10);
    expect([removed, book.find('alice')?.displayName]).toEqual([[], 'Alice']);
  });

  it('keeps what the watch told when an older write of its own is acknowledged later', async () => {
    const { clock, bus, book } = await scene();
    const bucket = bus.bucket(buckets.accounts, edge.AccountRecord);
    const adding = book.add(alice);
    const changing = bucket.put(accountKey('alice'), accountToRecord({ ...alice, displayName: 'Alice' }));
    await Promise.all([adding, changing, clock.run(10)]);
    expect(book.find('alice')?.displayName).toBe('Alice');
  });

  it('does not bring an account back whose removal the watch told before its making was acknowledged', async () => {
    const { clock, bus, book } = await scene();
    const adding = book.add(alice);
    const deleting = bus.bucket(buckets.accounts, edge.AccountRecord).delete(accountKey('alice'));
    await Promise.all([adding, deleting, clock.run(10)]);
    expect(book.find('alice')).toBeUndefined();
  });

  it('lets who hears of a removal change what else is known of the name', async () => {
    const { clock, bus, book, entries } = await scene();
    await book.add(alice);
    book.onRemoved(() => {
      const entry = entries.at('alice');
      // As the book of bindings does with its last binding.
      entries.release(entry);
    });
    const bucket = bus.bucket(buckets.accounts, edge.AccountRecord);
    await bucket.put(accountKey('alice'), accountToRecord({ ...alice, createdAt: 5 }));
    await clock.run(10);
    expect(book.find('alice')?.createdAt).toBe(5);
  });
});
