import { statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processesOf, say } from '../fixtures/fleet-process.ts';
import { launcherBench, portOf, services } from '../fixtures/launcher-bench.ts';

const bench = launcherBench();

describe('a start', () => {
  it('ends its words with the line `parley ready` once every listener accepts, and lists their ports', async () => {
    const launcher = await bench.running();
    expect(launcher.stdout().endsWith('\nparley ready\n')).toBe(true);
    const names = ['sip', 'sips', 'sipWs', 'msrp', 'msrps', 'msrpWs', 'http', 'nats'];
    expect(Object.keys(launcher.ports())).toEqual(names);
    const answers = await Promise.all(names.map((name) => say(portOf(launcher, name), 'who')));
    expect(answers.every((answer) => answer !== '')).toBe(true);
    // The console, which must know a port of the edge, was started when that was known.
    expect(launcher.journal()).toContain('console sees sipWs known');
  });

  it('keeps other local users out of NATS and away from the secrets', async () => {
    const launcher = await bench.running();
    const nats = launcher.journal().find((line) => line.startsWith('console sees nats'));
    expect(nats).toMatch(/nats:\/\/[\w-]{32}@127\.0\.0\.1:\d+$/);
    const modes = ['admin-token', 'nats/token', 'nats/nats.conf'].map((name) => statSync(join(bench.path, name)).mode);
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
    expect(statSync(bench.path).mode & 0o077).toBe(0);
  });

  it('reads `.env` in the working directory, behind the environment', async () => {
    writeFileSync(join(bench.path, '.env'), 'PARLEY_DOMAIN=example.net\nPARLEY_USERS=from-file:pass\n');
    const launcher = await bench.running({ PARLEY_USERS: 'dora:pass' });
    expect(launcher.stdout()).toContain('Parley serves example.net');
    expect(launcher.journal()).toContain('console sees users dora:pass');
    expect(launcher.stdout()).not.toContain('alice');
  });

  it('prints the token that it made once, and the same token is used the next time', async () => {
    const first = await bench.running();
    const [, token = 'none'] = /Admin token +(\S+) \(kept/.exec(first.stdout()) ?? [];
    first.child.kill('SIGTERM');
    await first.ended;
    const second = await bench.running();
    expect(token).toHaveLength(32);
    expect(second.stdout()).not.toContain(token);
    expect(second.stdout()).toMatch(/Admin token +in /);
  });
});

describe('a start that cannot succeed', () => {
  it('says in one line which port is taken and by which setting, and leaves nothing running', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, stdout, stderr } = await bench.start(services, { PARLEY_MSRP_PORT: String(port) }).ended;
    taken.close();
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(new RegExp(`^parley: port ${String(port)} \\(PARLEY_MSRP_PORT\\) is in use .*\n$`));
    expect(processesOf(bench.path)).toEqual([]);
  });

  it('says in one line which setting is wrong', async () => {
    const { code, stderr } = await bench.start(services, { PARLEY_AUTH: 'maybe' }).ended;
    expect(code).toBe(1);
    expect(stderr).toBe('parley: PARLEY_AUTH="maybe" is not allowed: it must be "digest" or "none"\n');
  });

  it('says in one line that the NATS it was given does not answer', async () => {
    const { code, stderr } = await bench.start(services, { PARLEY_NATS_URL: 'nats://127.0.0.1:1' }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^parley: PARLEY_NATS_URL names no server that answers .*\n$/);
    expect(processesOf(bench.path)).toEqual([]);
  });

  it('says which service did not start, under that service’s own words, and leaves nothing running', async () => {
    const { code, stderr } = await bench.start(['focus', 'failing', 'edge']).ended;
    expect(code).toBe(1);
    expect(stderr.split('\n')).toEqual([
      'failing: this is why',
      'parley: failing did not start (exit code 1); its own words are above',
      '',
    ]);
    expect(processesOf(bench.path)).toEqual([]);
  });

  it('says in one line that the data directory is in use, and leaves the other run alone', async () => {
    const first = await bench.running();
    const { code, stderr } = await bench.start().ended;
    expect(code).toBe(1);
    expect(stderr).toBe(
      `parley: Parley is already running in ${bench.path} (process ${String(first.child.pid)}); ` +
        'stop it, or set PARLEY_DATA_DIR to another directory\n',
    );
    expect(Number(await say(portOf(first, 'sip'), 'who'))).toBeGreaterThan(0);
  });
});
