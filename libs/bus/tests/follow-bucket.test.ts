import { buckets, edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { createMemoryBroker, followBucket } from '../src/index.ts';

describe('A bucket that is followed', () => {
  it('is filled once what existed under the prefix has been told, then tells changes until it is disposed of', async () => {
    const clock = new SimulatedClock();
    const bucket = createMemoryBroker({ clock }).connect().bucket(buckets.secrets, edge.SecretRecord);
    const record = { octets: new Uint8Array(1), createdAt: 0 };
    unwrap(await bucket.put('a.1', record));
    unwrap(await bucket.put('b.1', record));
    const told: string[] = [];
    const following = followBucket(bucket, ({ kind, key }) => told.push(`${kind} ${key}`), 'a.');
    await clock.run(10);
    await following.filled;
    expect(told).toEqual(['put a.1']);
    unwrap(await bucket.put('a.2', record));
    unwrap(await bucket.delete('a.1'));
    await clock.run(10);
    following[Symbol.dispose]();
    unwrap(await bucket.put('a.3', record));
    await clock.run(10);
    expect(told).toEqual(['put a.1', 'put a.2', 'delete a.1']);
  });

  it('tells of the end of a key that it never told of: made and deleted between two looks, whoever made it knows it', async () => {
    const clock = new SimulatedClock();
    const bucket = createMemoryBroker({ clock }).connect().bucket(buckets.secrets, edge.SecretRecord);
    const told: unknown[] = [];
    using following = followBucket(bucket, (event) => told.push(event));
    await clock.run(10);
    await following.filled;
    const deleted = unwrap(await bucket.delete('a.1'));
    await clock.run(10);
    expect(told).toEqual([{ kind: 'delete', key: 'a.1', revision: 1 }]);
    expect(deleted).toMatchObject({ revision: 1 });
  });
});
