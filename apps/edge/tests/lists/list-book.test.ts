import { createMemoryBroker } from '@parley/bus';
import { buckets, listKey, lists } from '@parley/contracts';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { listToRecord } from '../../src/adapters/list-record.ts';
import { ListBook } from '../../src/lists/list-book.ts';
import type { StoredList } from '../../src/lists/stored-list.ts';

const team: StoredList = {
  name: 'team',
  displayName: '',
  owner: '',
  senders: 'anyone',
  hideMembers: false,
  members: ['sip:alice@localhost'],
  createdAt: 1,
};

describe('Stored lists, as an edge knows them', () => {
  it('keep what the watch told when an older write is acknowledged later', async () => {
    const clock = new SimulatedClock();
    const bus = createMemoryBroker({ clock }).connect();
    using book = new ListBook(bus);
    await book.filled;
    const bucket = bus.bucket(buckets.lists, lists.ListRecord);
    const adding = book.add(team);
    const hiding = bucket.put(listKey('team'), listToRecord({ ...team, hideMembers: true }));
    await Promise.all([adding, hiding, clock.run(10)]);
    expect(book.find('team')?.hideMembers).toBe(true);
  });
});
