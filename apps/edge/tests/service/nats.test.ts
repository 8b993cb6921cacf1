import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, freePorts, startChild, startNats, eventually } from '@parley/testing';
import type { Child, NatsServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

describe('An edge as a process with a real NATS', () => {
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

  function start(port: number, more: Readonly<Record<string, string>> = {}): Child {
    return startChild(process.execPath, [main], {
      env: {
        PARLEY_NATS_URL: nats.url,
        PARLEY_SIP_PORT: String(port),
        PARLEY_SIPS_PORT: '0',
        PARLEY_SIP_WS_PORT: '0',
        PARLEY_DATA_DIR: dataDir,
        PARLEY_USERS: 'alice:secret,bob:secret',
        ...more,
      },
    });
  }

  async function ready(child: Child): Promise<void> {
    await eventually(() => {
      expect(child.stderr).toContain('"ready"');
    });
  }

  async function exchange(alice: Phone, bob: Phone): Promise<void> {
    const sent = alice.message('sip:bob@localhost');
    bob.answer(await bob.incoming(), 200);
    expect((await sent).statusCode).toBe(200);
  }

  it('passes messages, goes on without NATS, registers again when it is back, and stops cleanly', async () => {
    const port = await freePort();
    await using edge = start(port);
    await ready(edge);
    await using alice = await Phone.tcp(port, 'alice');
    await using bob = await Phone.tcp(port, 'bob');
    expect((await bob.register()).statusCode).toBe(200);
    await exchange(alice, bob);
    await nats.kill9();
    await exchange(alice, bob);
    await nats.restart();
    await eventually(async () => {
      expect((await bob.register()).statusCode).toBe(200);
    });
    await exchange(alice, bob);
    edge.kill('SIGTERM');
    expect(await edge.exited).toEqual({ code: 0, signal: null });
  });

  it('says in one line why it does not start, and is gone', async () => {
    await using edge = start(await freePort(), { PARLEY_USERS: 'factory:secret' });
    expect(await edge.exited).toEqual({ code: 1, signal: null });
    expect(edge.stderr.trim().split('\n').at(-1)).toMatch(/^parley edge: PARLEY_USERS is not allowed: name: factory/);
  });

  it('finds bindings over UDP again after a crash, and not those of connections that went with it', async () => {
    const [port = 0] = await freePorts(1);
    await using first = start(port);
    await ready(first);
    await using alice = await Phone.udp(port, 'alice');
    await using mobile = await Phone.udp(port, 'bob');
    await using desk = await Phone.tcp(port, 'bob');
    await mobile.register();
    await desk.register();
    first.kill('SIGKILL');
    await first.exited;
    await using second = start(port);
    await ready(second);
    await exchange(alice, mobile);
  });
});
