import { createMemoryBroker } from '@parley/bus';
import { buckets, deviceKey, edge } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { AccountEntries } from '../../src/location/account-entries.ts';
import { DeviceBook } from '../../src/location/device-book.ts';
import { bindingOf } from '../support/registered.ts';

const hour = 3_600_000;
const phone = bindingOf('<sip:bob@192.0.2.1>;+sip.instance="<urn:uuid:phone>"', { expiresAt: hour });

async function scene() {
  const clock = new SimulatedClock();
  const bus = createMemoryBroker({ clock }).connect();
  const book = new DeviceBook(bus, clock, hour, new AccountEntries());
  await book.filled;
  const bucket = bus.bucket(buckets.devices, edge.DeviceRecord);
  const key = deviceKey('bob', phone.device);
  const record = async (): Promise<edge.DeviceRecord> => {
    const entry = unwrap(await bucket.get(key));
    if (entry === undefined) throw new Error('expected the device');
    return entry.value;
  };
  return { clock, bus, book, bucket, key, record };
}

describe('Devices, as an edge knows them', () => {
  it('keeps what the watch told when an older write of its own is acknowledged later', async () => {
    const { clock, book, bucket, key, record } = await scene();
    unwrap(await book.remember('bob', [phone]));
    const newer = { ...(await record()), plainOnly: true };
    const remembering = book.remember('bob', [{ ...phone, userAgent: 'another' }]);
    await Promise.all([remembering, bucket.put(key, newer), clock.run(10)]);
    expect(book.isPlainOnly('bob', phone.device)).toBe((await record()).plainOnly);
  });

  it('keeps what it has written when the watch tells late what was there before', async () => {
    const { clock, book, bucket, key, record } = await scene();
    unwrap(await book.remember('bob', [phone]));
    await clock.run(10);
    const older = bucket.put(key, { ...(await record()), supported: ['older'] });
    const written = book.remember('bob', [{ ...phone, supported: ['newer'] }]);
    await Promise.all([older, written]);
    expect(book.supports('bob', phone.device, 'newer')).toBe(true);
    await clock.run(10);
    expect(book.supports('bob', phone.device, 'newer')).toBe(true);
  });

  it('adds what it learns of a device to what another edge has stored of it meanwhile', async () => {
    const { clock, book, bucket, key, record } = await scene();
    unwrap(await book.remember('bob', [phone]));
    await clock.run(10);
    const renewed = bucket.put(key, { ...(await record()), boundUntil: 5 * hour });
    book.notePlainOnly('bob', phone.device);
    expect(book.isPlainOnly('bob', phone.device)).toBe(true);
    unwrap(await renewed);
    await clock.run(10);
    expect(await record()).toMatchObject({ boundUntil: 5 * hour, plainOnly: true });
  });
});
