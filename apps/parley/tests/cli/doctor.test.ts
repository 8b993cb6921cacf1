import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parleySettings } from '@parley/service';
import { unwrap } from '@parley/prelude';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCertificate } from '../../src/cli/doctor/check-certificate.ts';
import { checkNats } from '../../src/cli/doctor/check-nats.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { parley } from './fixtures.ts';

const free = Object.fromEntries(
  ['SIP', 'SIPS', 'SIP_WS', 'MSRP', 'MSRPS', 'MSRP_WS', 'HTTP', 'NATS'].map((name) => [`PARLEY_${name}_PORT`, '0']),
);
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-doctor-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

async function doctor(env: Readonly<Record<string, string>>): Promise<readonly [number | null, readonly Finding[]]> {
  const url = 'http://127.0.0.1:1'; // nobody is there
  const { code, stdout } = await parley(['doctor', '--json'], {
    PARLEY_DATA_DIR: dataDir,
    PARLEY_URL: url,
    ...free,
    ...env,
  });
  return [code, (JSON.parse(stdout) as { checks: Finding[] }).checks];
}

describe('parley doctor', () => {
  it('ends with 0 where a start would do', async () => {
    const [code, checks] = await doctor({ PARLEY_LOG: 'info' });
    expect(checks.map(({ check }) => check)).toEqual(['ports', 'nats', 'certificate', 'dns']);
    expect(checks.filter(({ state }) => state === 'problem')).toEqual([]);
    expect(code).toBe(0);
  });

  it('names a port that is taken and a NATS that is not there, and what to do', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const [code, checks] = await doctor({ PARLEY_HTTP_PORT: String(port), PARLEY_NATS_URL: 'nats://127.0.0.1:1' });
    taken.close();
    expect(code).toBe(1);
    expect(checks.slice(0, 2)).toMatchObject([
      { check: 'ports', state: 'problem', advice: expect.stringContaining('PARLEY_HTTP_PORT') as string },
      { check: 'nats', state: 'problem', advice: expect.stringContaining('PARLEY_NATS_URL') as string },
    ]);
  });

  it('looks into what NATS says first', async () => {
    const greetings = [
      { version: '2.9.10', jetstream: true, max_payload: 8_388_608 },
      { version: '2.9.10', max_payload: 8_388_608 },
      { version: '2.9.10', jetstream: true, max_payload: 65_536 },
    ];
    const states: string[] = [];
    for (const greeting of greetings) {
      const server = createServer((socket) => socket.end(`INFO ${JSON.stringify(greeting)}\r\n`));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const settings = unwrap(parleySettings({ PARLEY_NATS_URL: `nats://127.0.0.1:${port}` }));
      states.push(...(await checkNats(settings)).map(({ state }) => state));
      server.close();
    }
    expect(states).toEqual(['ok', 'problem', 'problem']);
  });

  it('says what is wrong with a certificate', async () => {
    const file = join(dataDir, 'not-a-certificate.pem');
    await writeFile(file, 'nothing');
    const wrong = unwrap(parleySettings({ PARLEY_TLS_CERT: file, PARLEY_TLS_KEY: file }));
    expect(checkCertificate(wrong, 0)).toMatchObject({ state: 'problem' });
    expect(checkCertificate(unwrap(parleySettings({})), 0)).toMatchObject({ state: 'note' });
  });
});
