import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startNats } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { natsRequest } from '../fixtures/nats-request.ts';
import { guardPid, natsPid, processesOf, say, scratchDir, startLauncher, until } from '../fixtures/fleet-process.ts';
import type { LauncherProcess } from '../fixtures/fleet-process.ts';

const services = ['console', 'msrp-switch', 'focus', 'edge'];

let scratch: ReturnType<typeof scratchDir>;
let started: LauncherProcess[];

beforeEach(() => {
  scratch = scratchDir();
  started = [];
});

afterEach(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  await Promise.all(started.map(({ ended }) => ended));
  await until(() => processesOf(scratch.path).length === 0);
  scratch.remove();
});

function start(names: readonly string[] = services, settings: Readonly<Record<string, string>> = {}): LauncherProcess {
  const launcher = startLauncher(scratch.path, names, settings);
  started.push(launcher);
  return launcher;
}

async function running(settings: Readonly<Record<string, string>> = {}): Promise<LauncherProcess> {
  const launcher = start(services, settings);
  await launcher.ready;
  return launcher;
}

/** Port of a listener that must be there. */
function portOf(launcher: LauncherProcess, name: string): number {
  return launcher.ports()[name] ?? Number.NaN;
}

describe('a start', () => {
  it('ends its words with the line `parley ready` once every listener accepts', async () => {
    const launcher = await running();
    expect(launcher.stdout().endsWith('\nparley ready\n')).toBe(true);
    const pids = await Promise.all(['sip', 'msrpWs', 'http'].map((name) => say(portOf(launcher, name), 'who')));
    expect(pids.every((pid) => Number(pid) > 0)).toBe(true);
  });

  it('writes the ports that were chosen to ports.json, every listener by its name', async () => {
    const launcher = await running();
    const names = ['sip', 'sips', 'sipWs', 'msrp', 'msrps', 'msrpWs', 'http', 'nats'];
    expect(Object.keys(launcher.ports())).toEqual(names);
    expect(Object.values(launcher.ports()).every((port) => port > 0)).toBe(true);
  });

  it('starts a service that must know the port of another when that port is known', async () => {
    const launcher = await running();
    expect(launcher.journal()).toContain('console sees sipWs known');
  });

  it('keeps other local users out of NATS and away from the secrets', async () => {
    const launcher = await running();
    const nats = launcher.journal().find((line) => line.startsWith('console sees nats'));
    expect(nats).toMatch(/nats:\/\/[\w-]{32}@127\.0\.0\.1:\d+$/);
    const modes = ['admin-token', 'nats/token', 'nats/nats.conf'].map(
      (name) => statSync(join(scratch.path, name)).mode,
    );
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
    expect(statSync(scratch.path).mode & 0o077).toBe(0);
  });

  it('reads `.env` in the working directory, behind the environment', async () => {
    writeFileSync(join(scratch.path, '.env'), 'PARLEY_DOMAIN=example.net\nPARLEY_USERS=from-file:pass\n');
    const launcher = await running({ PARLEY_USERS: 'dora:pass' });
    expect(launcher.stdout()).toContain('Parley serves example.net');
    expect(launcher.journal()).toContain('console sees users dora:pass');
  });

  it('makes demo accounts on loopback, and only when nobody asks for others', async () => {
    const launcher = await running({ PARLEY_USERS: 'dora:pass' });
    expect(launcher.journal()).toContain('console sees users dora:pass');
    expect(launcher.stdout()).not.toContain('alice');
  });

  it('prints the token that it made once, and the same token is used the next time', async () => {
    const first = await running();
    const [, token = 'none'] = /Admin token +(\S+) \(kept/.exec(first.stdout()) ?? [];
    first.child.kill('SIGTERM');
    await first.ended;
    const second = await running();
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
    const { code, stdout, stderr } = await start(services, { PARLEY_MSRP_PORT: String(port) }).ended;
    taken.close();
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(new RegExp(`^parley: port ${String(port)} \\(PARLEY_MSRP_PORT\\) is in use .*\n$`));
    expect(processesOf(scratch.path)).toEqual([]);
  });

  it('says in one line which setting is wrong', async () => {
    const { code, stderr } = await start(services, { PARLEY_AUTH: 'maybe' }).ended;
    expect(code).toBe(1);
    expect(stderr).toBe('parley: PARLEY_AUTH="maybe" is not allowed: it must be "digest" or "none"\n');
  });

  it('says in one line that the NATS it was given does not answer', async () => {
    const { code, stderr } = await start(services, { PARLEY_NATS_URL: 'nats://127.0.0.1:1' }).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^parley: PARLEY_NATS_URL names no server that answers .*\n$/);
    expect(processesOf(scratch.path)).toEqual([]);
  });

  it('says which service did not start, under that service’s own words, and leaves nothing running', async () => {
    const { code, stderr } = await start(['focus', 'failing', 'edge']).ended;
    expect(code).toBe(1);
    expect(stderr.split('\n')).toEqual([
      'failing: this is why',
      'parley: failing did not start (exit code 1); its own words are above',
      '',
    ]);
    expect(processesOf(scratch.path)).toEqual([]);
  });

  it('says in one line that the data directory is in use, and leaves the other run alone', async () => {
    const first = await running();
    const { code, stderr } = await start().ended;
    expect(code).toBe(1);
    expect(stderr).toBe(
      `parley: Parley is already running in ${scratch.path} (process ${String(first.child.pid)}); ` +
        'stop it, or set PARLEY_DATA_DIR to another directory\n',
    );
    expect(Number(await say(portOf(first, 'sip'), 'who'))).toBeGreaterThan(0);
  });
});

describe('a run', () => {
  it('starts a crashed service again, on the port that it had', async () => {
    const launcher = await running();
    const port = portOf(launcher, 'sip');
    const before = await say(port, 'who');
    await say(port, 'crash').catch(() => '');
    await until(() =>
      say(port, 'who').then(
        (pid) => pid !== before,
        () => false,
      ),
    );
    expect(launcher.ports()['sip']).toBe(port);
    expect(launcher.stderr()).toContain('edge ended (SIGABRT); starting it again in 200 ms');
  });

  it.each(['the server', 'its guard'])(
    'starts NATS again, on the port that it had, when %s is killed',
    async (which) => {
      const launcher = await running();
      const port = portOf(launcher, 'nats');
      const server = natsPid(scratch.path);
      process.kill(which === 'the server' ? server : guardPid(scratch.path), 'SIGKILL');
      await until(() => natsPid(scratch.path) !== server);
      await until(() =>
        say(port, '').then(
          (answer) => answer.startsWith('INFO'),
          () => false,
        ),
      );
      expect(processesOf(scratch.path)).not.toContain(server);
    },
  );
});

describe('a run on a NATS that was given', () => {
  it('leaves that NATS alone, and still no process behind when the launcher is killed', async () => {
    await using nats = await startNats();
    const launcher = await running({ PARLEY_NATS_URL: nats.url });
    expect(portOf(launcher, 'nats')).toBe(nats.port);
    expect(launcher.journal()).toContain(`console sees nats ${nats.url}`);
    launcher.child.kill('SIGKILL');
    await until(() => processesOf(scratch.path).length === 0);
    expect(await say(nats.port, '')).toMatch(/^INFO/);
  });
});

describe('an end', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('on %s drains the services one by one, the edge first', async (signal) => {
    const launcher = await running();
    launcher.child.kill(signal);
    const { code } = await launcher.ended;
    expect(code).toBe(0);
    expect(launcher.journal().filter((line) => line.endsWith('drained'))).toEqual(
      services.toReversed().map((name) => `${name} drained`),
    );
    expect(processesOf(scratch.path)).toEqual([]);
  });

  it('takes ports.json away, for it tells of a running installation', async () => {
    const launcher = await running();
    launcher.child.kill('SIGTERM');
    await launcher.ended;
    expect(() => launcher.ports()).toThrow('ENOENT');
  });

  it('leaves no process behind when the launcher is killed, and the next start finds everything in order', async () => {
    const launcher = await running();
    launcher.child.kill('SIGKILL');
    await launcher.ended;
    const next = await running();
    const left = processesOf(scratch.path).filter((pid) => pid === launcher.child.pid);
    expect(left).toEqual([]);
    expect(launcher.journal().filter((line) => line === 'edge drained')).toHaveLength(1);
    expect(next.stdout()).toContain('parley ready\n');
  });

  it('keeps what was stored when the launcher is killed', async () => {
    const stream = '{"name":"kept","subjects":["kept.>"],"storage":"file"}';
    const first = await running();
    expect(await natsRequest(first, '$JS.API.STREAM.CREATE.kept', stream)).toContain('"name":"kept"');
    expect(await natsRequest(first, 'kept.one', 'a message')).toContain('"seq":1');
    first.child.kill('SIGKILL');
    await first.ended;
    const second = await running();
    expect(await natsRequest(second, '$JS.API.STREAM.INFO.kept', '')).toContain('"messages":1');
  });

  it('ends even a service that hangs when the launcher is killed', async () => {
    const launcher = start(['focus', 'hanging'], { PARLEY_DRAIN_LIMIT: '1' });
    await launcher.ready;
    launcher.child.kill('SIGKILL');
    await until(() => processesOf(scratch.path).length === 0);
    expect(launcher.journal()).toEqual(['focus ready', 'focus drained']);
  });

  it('in the middle of a start stops what has been started', async () => {
    const launcher = start(['focus', 'never-ready', 'edge']);
    await until(() => launcher.journal().length > 0);
    launcher.child.kill('SIGINT');
    const { code } = await launcher.ended;
    expect(code).toBe(0);
    expect(processesOf(scratch.path)).toEqual([]);
  });
});
