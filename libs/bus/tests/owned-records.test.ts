import { buckets, focus, participantKey, roomKey } from '@parley/contracts';
import { shardOf } from '@parley/actor';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import type { OwnedRecords } from '../src/index.ts';
import { createMemoryBroker, OwnershipLost, ownedRecords, ShardScan, StoreFailed } from '../src/index.ts';

const room = 'sip:lobby@chat.localhost';
const record = unwrap(focus.RoomRecord.decode(new Uint8Array(0)));

describe('records that have one owner', () => {
  let isValid = true;
  const broker = createMemoryBroker({ clock: new SimulatedClock() });
  const bucket = broker.connect().bucket(buckets.rooms, focus.RoomRecord);
  const records: OwnedRecords<focus.RoomRecord> = ownedRecords(bucket, { isValid: () => isValid });

  it('are created once, replaced by revision, and removed by revision', async () => {
    const first = await records.write('a', record, undefined);
    const second = await records.write('a', { ...record, version: 2 }, first);
    await records.remove('a', second);
    expect(unwrap(await bucket.get('a'))).toBeUndefined();
  });

  it('tell an owner that another wrote', async () => {
    const first = await records.write('b', record, undefined);
    await expect(records.write('b', record, undefined)).rejects.toThrow(OwnershipLost);
    await records.write('b', record, first);
    await expect(records.write('b', record, first)).rejects.toThrow(OwnershipLost);
    await expect(records.remove('b', first)).rejects.toThrow(OwnershipLost);
  });

  it('are not written when the lease is over, whatever the revision', async () => {
    const first = await records.write('d', record, undefined);
    isValid = false;
    await expect(records.write('d', record, first)).rejects.toThrow(OwnershipLost);
    await expect(records.remove('d', first)).rejects.toThrow(OwnershipLost);
    isValid = true;
  });

  it('tell apart that the store may not have written', async () => {
    broker.goAway();
    await expect(records.write('c', record, undefined)).rejects.toThrow(StoreFailed);
    await expect(records.remove('c', 1)).rejects.toThrow(StoreFailed);
    broker.comeBack();
  });
});

describe('the scan of shards', () => {
  it('finds each identity once, by its first token', async () => {
    const bucket = createMemoryBroker({ clock: new SimulatedClock() })
      .connect()
      .bucket(buckets.rooms, focus.RoomRecord);
    for (const key of [roomKey(room), participantKey(room, 'p1'), roomKey('sip:other@chat.localhost')]) {
      await bucket.put(key, record);
    }
    const scan = new ShardScan(bucket);
    expect(unwrap(await scan.identitiesOf(shardOf(room)))).toEqual([room]);
    expect(unwrap(await scan.identitiesOf((shardOf(room) + 1) % 64))).toEqual([]);
  });

  it('shares a reading among those who ask while another runs, and begins none before it was asked for', async () => {
    const readings: PromiseWithResolvers<undefined>[] = [];
    const scan = new ShardScan({
      keys: async () => {
        const reading = Promise.withResolvers<undefined>();
        readings.push(reading);
        await reading.promise;
        return { ok: true, value: readings.length === 1 ? [] : [roomKey(room)] };
      },
    });
    const early = scan.identitiesOf(shardOf(room));
    await new Promise(setImmediate);
    const late = [scan.identitiesOf(shardOf(room)), scan.identitiesOf(shardOf(room))];
    readings[0]!.resolve(undefined);
    expect(unwrap(await early)).toEqual([]);
    await new Promise(setImmediate);
    readings[1]!.resolve(undefined);
    expect((await Promise.all(late)).map(unwrap)).toEqual([[room], [room]]);
    expect(readings).toHaveLength(2);
  });
});
