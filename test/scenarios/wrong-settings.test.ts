import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './support/installation.ts';
import { processesOf } from './support/processes.ts';
import type { Outcome } from './support/tool.ts';

describe('A start that cannot work ends with one line and exit code 1', () => {
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-settings-'));
  });
  afterAll(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Starts the launcher, which is to give up. */
  async function attempt(settings: Readonly<Record<string, string>>): Promise<Outcome> {
    const child = launch({ PARLEY_DATA_DIR: dataDir, ...settings });
    const { code } = await child.exited;
    return { code: code ?? -1, stdout: child.stdout, stderr: child.stderr };
  }

  it.each([
    ['PARLEY_SIP_PORT', 'abc', /^.*PARLEY_SIP_PORT.*abc.*\n$/],
    ['PARLEY_SIP_PORT', '70000', /^.*PARLEY_SIP_PORT.*70000.*\n$/],
    ['PARLEY_SIP_PROT', '5060', /^.*PARLEY_SIP_PROT.*PARLEY_SIP_PORT.*\n$/],
    ['PARLEY_FOO', '1', /^.*PARLEY_FOO.*\n$/],
    ['PARLEY_AUTH', 'maybe', /^.*PARLEY_AUTH.*maybe.*digest.*none.*\n$/],
    ['PARLEY_USERS', 'alice', /^.*PARLEY_USERS.*\n$/],
  ])('%s=%s', async (name, value, line) => {
    expect(await attempt({ [name]: value })).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(line) as unknown,
    });
  });

  it('PARLEY_AUTH=none where others reach it', async () => {
    const outcome = await attempt({ PARLEY_AUTH: 'none', PARLEY_HOST: '0.0.0.0' });
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^.*PARLEY_AUTH.*\n$/) as unknown });
  });

  it('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const port = String((server.address() as AddressInfo).port);
    try {
      const outcome = await attempt({ PARLEY_MSRP_PORT: port });
      expect(outcome).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(new RegExp(`^.*${port}.*PARLEY_MSRP_PORT.*\\n$`)) as unknown,
      });
    } finally {
      server.close();
    }
  });

  it('and leaves no process behind', () => {
    expect(processesOf(dataDir)).toEqual([]);
  });
});
