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

  it('takes what is new for what is old where nobody was promised anything', async () => {
    const stream = (await bus(2 ** 20)).stream(forgetting, rawBytes);
    for (let n = 0; n < 4; n++) expect((await stream.append('talk.1', body)).ok).toBe(true);
  });
});
