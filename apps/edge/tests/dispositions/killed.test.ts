import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startChild, startNats } from '@parley/testing';
import type { Child, NatsServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpimBody, imdnsIn } from '../support/cpim.ts';
import { Phone } from '../support/phone.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const count = 50;

describe('kill -9 while a device refuses its mail', () => {
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
        PARLEY_LEASE_MS: '600',
      },
    });
    const isReady = (): void => {
      expect(child.stderr).toContain('"ready"');
    };
    await eventually(isReady, { within: 60_000 });
    return child;
  }

  async function fill(port: number): Promise<void> {
    await using alice = await Phone.tcp(port, 'alice');
    for (let i = 0; i < count; i++) {
      const body = cpimBody(String(i), { id: `m${i}`, requests: 'negative-delivery' });
      alice.send(alice.write('MESSAGE', 'sip:bob@localhost', { body, fields: ['Content-Type: message/cpim'] }));
    }
    for (let i = 0; i < count; i++) expect((await alice.final()).statusCode).toBe(202);
  }

  /** Refuses what comes, until `enough` says so of its text. */
  async function refuse(phone: Phone, enough: (text: string) => boolean): Promise<void> {
    for (;;) {
      const request = await phone.incoming();
      phone.answer(request, 488);
      if (enough(Buffer.from(request.body).toString().split('\r\n').at(-1) ?? '')) return;
    }
  }

  it('tells the sender of each of 50 messages once that it failed (RFC 5438 §8.2)', async () => {
    const port = await freePort();
    const first = await start(port);
    await fill(port);
    await using before = await Phone.tcp(port, 'bob');
    await before.register();
    await refuse(before, (text) => text === '20');
    first.kill('SIGKILL');
    await first.exited;
    await using second = await start(port);
    await using after = await Phone.tcp(port, 'bob');
    await after.register();
    await refuse(after, (text) => text === String(count - 1));
    await using alice = await Phone.tcp(port, 'alice');
    await alice.register();
    const told: string[] = [];
    while (told.length < count) {
      const request = await alice.incoming();
      alice.answer(request, 200);
      for (const { messageId, disposition } of imdnsIn(request)) told.push(`${messageId} ${disposition?.status ?? ''}`);
    }
    expect(told.toSorted()).toEqual(Array.from({ length: count }, (_, i) => `m${i} failed`).toSorted());
    expect(second.stderr).not.toContain('fault while');
  }, 120_000);
});
