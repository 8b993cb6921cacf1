import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { startPhone } from './support/phone.ts';
import { processesOf } from './support/processes.ts';

/** Asks the HTTP API. */
async function api({ ports, token }: Installation, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`http://127.0.0.1:${ports.http}/api/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The first start makes an account and a room; every later one must find them. */
async function expectStored(parley: Installation): Promise<void> {
  const room = await api(parley, 'GET', 'rooms/library');
  expect([room.status, await room.json()]).toEqual([
    200,
    expect.objectContaining({
      name: 'library',
      policy: expect.objectContaining({ welcome: 'Quiet, please' }) as unknown,
    }),
  ]);
  await using dora = await startPhone(parley.ports, 'dora');
  expect((await dora.send('sip:dora@localhost', 'note to self')).statusCode).toBe(200);
}

describe('What is stored outlives the launcher', () => {
  let dataDir: string;
  const start = (): Promise<Installation> => startParley({ PARLEY_DATA_DIR: dataDir });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-restart-'));
    await using parley = await start();
    expect((await api(parley, 'POST', 'users', { name: 'dora', password: 'secret' })).status).toBe(201);
    expect((await api(parley, 'POST', 'rooms', { name: 'library', welcome: 'Quiet, please' })).status).toBe(201);
    await expectStored(parley);
  });
  afterAll(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('and %s leaves no process behind', async (signal) => {
    await using parley = await start();
    await expectStored(parley);
    process.kill(parley.launcher.pid, signal);
    expect(await parley.launcher.exited).toMatchObject({ code: 0 });
    expect(processesOf(dataDir)).toEqual([]);
  });

  it('and kill -9 of the launcher leaves nothing running for long', async () => {
    await using parley = await start();
    process.kill(parley.launcher.pid, 'SIGKILL');
    await parley.launcher.exited;
    await eventually(
      () => {
        expect(processesOf(dataDir)).toEqual([]);
      },
      { every: 100 },
    );
  });

  it('and the next start finds it all', async () => {
    await using parley = await start();
    await expectStored(parley);
  });
});
