import { createMemoryBroker } from '@parley/bus';
import { accountKey, buckets, edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { AccountEntries } from '../../src/location/account-entries.ts';
import { AccountBook } from '../../src/accounts/account-book.ts';

const secrets = { name: { md5: '', sha256: '' }, address: { md5: '', sha256: '' } };
const alice = { name: 'alice', displayName: '', tel: '', secrets, createdAt: 1 };

async function scene() {
  const clock = new SimulatedClock();
  const bus = createMemoryBroker({ clock }).connect();
  const book = new AccountBook(bus, new AccountEntries());
  await book.filled;
  const removed: number[] = [];
  book.onRemoved(({ createdAt }) => removed.push(createdAt));
  return { clock, bus, book, removed };
}

describe('Accounts, as an edge knows them', () => {
  it('tells which account was removed', async () => {
    const { clock, book, removed } = await scene();
    await book.add(alice);
    await book.remove('alice');
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

  it('takes a change of the same account for no removal', async () => {
    const { clock, book, removed } = await scene();
    await book.add(alice);
    await book.change('alice', (account) => ({ ...account, displayName: 'Alice' }));
    await clock.run(10);
    expect([removed, book.find('alice')?.displayName]).toEqual([[], 'Alice']);
  });
});
