import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child } from '@parley/testing';
import { eventually, freePort, startChild } from '@parley/testing';
import { anyPorts, root, withoutSettings } from '../../scenarios/support/installation.ts';
import { pinned } from './generator.ts';
import { tree } from './processes.ts';

/** A running server that the generator can talk to at 127.0.0.1. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  /** All its processes. */
  pids(): readonly number[];
}

/** What every server is started with: accounts u0… with {@link password}. */
export interface Setup {
  readonly users: number;
  readonly digest: boolean;
  /** List for taskset; undefined, any core. */
  readonly cores: string | undefined;
}

/** The SIP domain served. */
export const domain = 'bench.test';
/** Password of every account. */
export const password = 'secret';

/** Parley by `npm start`, its whole installation on the given cores. */
export async function startParley({ users, digest, cores }: Setup): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-load-'));
  const accounts = Array.from({ length: users }, (_, user) => `u${user}:${password}`);
  const [command, ...args] = [...pinned(cores), 'npm', 'start'];
  const child = startChild(command, args, {
    cwd: root,
    env: {
      ...withoutSettings(),
      ...anyPorts,
      PARLEY_USERS: accounts.join(','),
      PARLEY_DOMAIN: domain,
      PARLEY_AUTH: digest ? 'digest' : 'none',
      PARLEY_DATA_DIR: directory,
      PARLEY_LOG: 'warn',
    },
  });
  const server = serverOf('parley', child, directory);
  return ready(server, child, async () => {
    if (!/^parley ready$/m.test(child.stdout)) throw new Error(`Parley is not ready: ${child.stderr.slice(-1000)}`);
    const ports = JSON.parse(await readFile(join(directory, 'ports.json'), 'utf8')) as { readonly sip: number };
    return ports.sip;
  });
}

/** Whether Kamailio is installed. */
export function hasKamailio(): boolean {
  return spawnSync('kamailio', ['-v']).status === 0;
}

/** Kamailio with kamailio.cfg: one worker for each transport, bindings in memory, allocator tlsf. */
export async function startKamailio({ users, digest, cores }: Setup): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'parley-load-kamailio-'));
  const port = await freePort();
  const defines = [`!LOAD_PORT!${port}!`, `!LOAD_USERS!${users}!`, `!LOAD_DOMAIN!${domain}!`];
  const config = fileURLToPath(new URL('kamailio.cfg', import.meta.url));
  const [command = '', ...args] = [
    ...[...pinned(cores), 'kamailio', '-f', config, '-DD', '-E', '-Y', directory],
    ...['-x', 'tlsf', '-X', 'tlsf', '-m', '4096', '-M', '16', '-b', '4194304'],
    ...defines.map((define) => `--substdef=${define}`),
    ...(digest ? ['-A', 'DIGEST'] : []),
  ];
  const child = startChild(command, args);
  const server = serverOf('kamailio', child, directory);
  return ready(server, child, () => {
    // Its workers are there once it has forked them; a registration is tried by the generator.
    if (tree(child.pid).length < 4) throw new Error(`Kamailio is not ready: ${child.stderr.slice(-1000)}`);
    return Promise.resolve(port);
  });
}

function serverOf(name: string, child: Child, directory: string): Omit<Server, 'port'> {
  return {
    name,
    pids: () => tree(child.pid),
    [Symbol.asyncDispose]: async () => {
      await child.stop(30_000);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The server with its port once `probe` finds one; stopped again when it ends before, or takes over a minute. */
async function ready(server: Omit<Server, 'port'>, child: Child, probe: () => Promise<number>): Promise<Server> {
  const ended = child.exited.then(({ code }) => {
    throw new Error(`${server.name} ended with ${String(code)}: ${child.stderr.slice(-1000)}`);
  });
  try {
    const port = await Promise.race([eventually(probe, { within: 60_000, every: 100 }), ended]);
    return { ...server, port };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
