import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NatsServer } from '@parley/testing';
import { eventually, freePort, startChild, startNats } from '@parley/testing';
import { anyPorts, root, withoutSettings } from './support/installation.ts';
import { services } from './support/processes.ts';

describe('A service alone', () => {
  let nats: NatsServer;
  let dataDir: string;

  beforeAll(async () => {
    nats = await startNats();
    dataDir = await mkdtemp(join(tmpdir(), 'parley-single-'));
  });
  afterAll(async () => {
    await nats[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each(services)('%s starts with a NATS only, is healthy, and drains', async (name) => {
    const healthPort = await freePort();
    await using child = startChild('node_modules/.bin/nx', ['serve', name], {
      cwd: root,
      env: {
        ...withoutSettings(),
        ...anyPorts,
        PARLEY_NATS_URL: nats.url,
        PARLEY_DATA_DIR: dataDir,
        PARLEY_ADMIN_TOKEN: 'scenario-token',
        PARLEY_HEALTH_PORT: String(healthPort),
      },
    });
    const health = (): Promise<Response> => fetch(`http://127.0.0.1:${healthPort}/healthz`);
    await eventually(
      () => {
        expect(`${child.stdout}${child.stderr}`).toMatch(/"msg":"ready"/);
      },
      { within: 60_000, every: 100 },
    );
    expect((await health()).status).toBe(200);
    await child.stop();
    await expect(health()).rejects.toThrow();
  });
});
