import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startChild, startNats } from '@parley/testing';
import type { Child, NatsServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const count = 200;

describe('kill -9 while mail is delivered', () => {
  let nats: NatsServer;
  let dataDir: string;
  beforeAll(async () => {
    nats = await startNats();
    dataDir = await mkdtemp(join(tmpdir(), 'parley-edge-'));
  });
  afterAll(async () => {
    await nats[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(port: number): Promise<Child> {
    const child = startChild(process.execPath, [main], {
      env: {
        PARLEY_NATS_URL: nats.url,
        PARLEY_SIP_PORT: String(port),
        PARLEY_SIPS_PORT: '0',
        PARLEY_SIP_WS_PORT: '0',
        PARLEY_DATA_DIR: dataDir,
        PARLEY_USERS: 'alice:secret,bob:secret',
        PARLEY_AUTH: 'none',
        PARLEY_LEASE_MS: '1500',
      },
    });
    await eventually(
      () => {
        expect(child.stderr).toContain('"ready"');
      },
      { within: 20_000 },
    );
    return child;
  }

  async function fill(port: number): Promise<void> {
    await using alice = await Phone.tcp(port, 'alice');
    for (let i = 0; i < count; i++) {
      const fields = ['Content-Type: text/plain'];
      alice.send(alice.write('MESSAGE', 'sip:bob@localhost', { body: String(i), fields }));
    }
    for (let i = 0; i < count; i++) expect((await alice.final()).statusCode).toBe(202);
  }

  /** Takes what comes until `enough`; each is answered. */
  async function take(phone: Phone, got: number[], enough: () => boolean): Promise<void> {
    while (!enough()) {
      const request = await phone.incoming();
      got.push(Number(Buffer.from(request.body).toString()));
      phone.answer(request, 200);
    }
  }

  it('loses none of 200 messages, keeps their order, and repeats at most one, whether the edge or NATS dies', async () => {
    const port = await freePort();
    const first = await start(port);
    await fill(port);
    const got: number[] = [];
    await using before = await Phone.tcp(port, 'bob');
    await before.register();
    await take(before, got, () => got.length === 50);
    first.kill('SIGKILL');
    await first.exited;
    await using second = await start(port);
    await using after = await Phone.tcp(port, 'bob');
    await after.register();
    await take(after, got, () => got.length === 100);
    await nats.kill9();
    await nats.restart();
    await take(after, got, () => got.at(-1) === count - 1);
    expect([...new Set(got)]).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(got.length - count).toBeLessThanOrEqual(2);
    expect(second.stderr).not.toContain('fault while');
  }, 60_000);
});
