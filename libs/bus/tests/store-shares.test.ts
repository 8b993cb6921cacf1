import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import { SystemClock } from '@parley/service';
import { startNats } from '@parley/testing';
import type { NatsServer } from '@parley/testing';
import { connectBus, rawBytes } from '../src/index.ts';
import type { Bus } from '../src/index.ts';

const mail = { name: 'mail', description: 'of a test', subjects: ['mail.*'], maxMessageSize: 262_144 };
const refusing = { ...mail, share: 0.5, whenFull: 'refuse' } as const;
const forgetting = { ...mail, name: 'talk', subjects: ['talk.*'], share: 0.5 };
const body = new Uint8Array(200_000);

describe('streams that share what JetStream may fill', () => {
  let server: NatsServer;
  const buses: Bus[] = [];

  async function bus(storeOctets?: number): Promise<Bus> {
    const connected = unwrap(
      await connectBus({ url: server.url, name: 'test', clock: new SystemClock(), storeOctets }),
    );
    buses.push(connected);
    return connected;
  }

  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(async () => {
    for (const one of buses) await one.drain();
    await server[Symbol.asyncDispose]();
  });

  it('refuses what does not fit, keeps what was stored, and has room again when something goes', async () => {
    unwrap(await (await bus()).stream(mail, rawBytes).append('mail.0', body)); // made without shares, by an earlier version
    const stream = (await bus(2 ** 20)).stream(refusing, rawBytes);
    expect((await stream.append('mail.1', body)).ok).toBe(true);
    expect((await stream.append('mail.1', body)).ok).toBe(false);
    unwrap(await stream.purge('mail.0'));
    expect((await stream.append('mail.1', body)).ok).toBe(true);
  });

  it('keeps what it accepted when its share becomes less than that', async () => {
    const kept = { ...refusing, name: 'kept', subjects: ['kept.*'] } as const;
    const roomy = (await bus(2 ** 22)).stream(kept, rawBytes);
    for (let n = 0; n < 5; n++) unwrap(await roomy.append('kept.0', body));
    const narrow = (await bus(2 ** 20)).stream(kept, rawBytes);
    while ((await narrow.append('kept.1', body)).ok);
    expect(unwrap(await narrow.read('kept.0', { from: 1, limit: 10 }))).toHaveLength(5);
  });

  it('has no more room when it is opened again while it is full, with another share', async () => {
    const full = { ...refusing, name: 'full', subjects: ['full.*'] } as const;
    const part = body.subarray(0, 100_000);
    const stream = (await bus(2 ** 20)).stream(full, rawBytes);
    while ((await stream.append('full.0', part)).ok);
    const again = (await bus(2 ** 20 - 1000)).stream(full, rawBytes);
    expect((await again.append('full.0', part)).ok).toBe(false);
  });

  it('has buckets with shares, whose values can still be replaced by less and taken out, and others with all that is left', async () => {
    const before = { name: 'shared', description: 'of a test', maxValueSize: 262_144 };
    const shared = { ...before, share: 0.5 };
    const leases = { name: 'leases', description: 'of a test', maxValueSize: 262_144 };
    unwrap(await (await bus()).bucket(before, rawBytes).put('k0', body)); // by an earlier version
    const near = await bus(2 ** 20);
    const bucket = near.bucket(shared, rawBytes);
    expect((await bucket.put('k1', body)).ok).toBe(true);
    expect((await bucket.put('k2', body)).ok).toBe(false);
    for (let n = 0; n < 6; n++) unwrap(await near.bucket(leases, rawBytes).put(`k${n}`, body));
    unwrap(await bucket.put('k0', body.subarray(0, 1000)));
    unwrap(await bucket.delete('k1'));
    expect((await bucket.put('k2', body)).ok).toBe(true);
  });

  it('has an object store that keeps to its share though it was made without', async () => {
    const objects = { name: 'objects', description: 'of a test' };
    const pieces = () => [body, body].values() as unknown as AsyncIterable<Uint8Array>;
    unwrap(await (await bus()).objects(objects).put('o0', pieces()));
    const store = (await bus(2 ** 20)).objects({ ...objects, share: 0.5 });
    expect((await store.put('o1', pieces())).ok).toBe(false);
    unwrap(await store.remove('o0'));
    expect((await store.put('o1', pieces())).ok).toBe(true);
  });

  it('takes what is new for what is old where nobody was promised anything', async () => {
    const stream = (await bus(2 ** 20)).stream(forgetting, rawBytes);
    for (let n = 0; n < 4; n++) expect((await stream.append('talk.1', body)).ok).toBe(true);
  });
});
