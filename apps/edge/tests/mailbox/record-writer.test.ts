import { createMemoryBroker, OwnershipLost } from '@parley/bus';
import { buckets, edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { RecordWriter } from '../../src/actors/mailbox/record-writer.ts';

const record = (epoch: number): edge.CursorRecord => ({ account: 'bob', epoch, cursors: [], accountSince: 0 });

function setUp() {
  const bucket = createMemoryBroker({ clock: new SimulatedClock() })
    .connect()
    .bucket(buckets.cursors, edge.CursorRecord);
  const ownership = { shard: 0, epoch: 1, deadline: Infinity, isValid: () => true };
  return { bucket, ownership, writer: new RecordWriter(bucket, 'bob') };
}

describe('A record that its owner alone writes', () => {
  it('is written once for all who ask before it can be, with what is true then', async () => {
    const { bucket, ownership, writer } = setUp();
    expect(await writer.takeOver(ownership)).toBeUndefined();
    let epoch = 1;
    const write = (): Promise<void> => writer.write(() => record(epoch));
    const all = [write(), write(), write()];
    epoch = 2;
    await Promise.all([...all, writer.settled]);
    const entry = unwrap(await bucket.get('bob'));
    expect([entry?.value.epoch, entry?.revision]).toEqual([2, 1]);
  });

  it('is not written over what another wrote meanwhile, nor without the right to', async () => {
    const { bucket, ownership, writer } = setUp();
    await writer.takeOver(ownership);
    await writer.write(() => record(1));
    unwrap(await bucket.put('bob', record(7)));
    await expect(writer.write(() => record(2))).rejects.toBeInstanceOf(OwnershipLost);
    expect(await writer.takeOver({ ...ownership, isValid: () => false })).toMatchObject({ epoch: 7 });
    await expect(writer.write(() => record(8))).rejects.toBeInstanceOf(OwnershipLost);
    expect(unwrap(await bucket.get('bob'))?.value.epoch).toBe(7);
  });
});
