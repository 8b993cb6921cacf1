import { existsSync, globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, freePort, startChild } from '@parley/testing';
import { pinned } from '../sip/generator.ts';
import { tree } from '../sip/processes.ts';
import type { Server } from '../sip/servers.ts';

/** Chat servers of Debian to compare with, by name. */
export const peerNames = ['ejabberd', 'prosody'] as const;

/** One of {@link peerNames}. */
export type PeerName = (typeof peerNames)[number];

/** Whether a peer is installed. */
export function hasPeer(name: PeerName): boolean {
  return name === 'prosody'
    ? existsSync('/usr/bin/prosody')
    : globSync('/usr/lib/*/ejabberd-*/ebin/ejabberd.beam').length > 0;
}

/** An XMPP server with group chat on a port of its own, on the given cores. */
export async function startPeer(name: PeerName, cores: string | undefined): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), `parley-load-${name}-`));
  const port = await freePort();
  const config = await configOf(name, directory, port);
  const [command = '', ...args] = [
    ...pinned(cores),
    ...(name === 'prosody' ? ['prosody', '-F', '--config', config] : erl(directory)),
  ];
  const environment = {
    HOME: directory,
    EJABBERD_CONFIG_PATH: config,
    EJABBERD_LOG_PATH: join(directory, 'log'),
    ERL_LIBS: erlangLibraries(),
  };
  const child = startChild(command, args, { env: environment });
  const dispose = async (): Promise<void> => {
    await child.stop(30_000);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await eventually(() => accepts(port), { within: 60_000, every: 200 });
  } catch (error) {
    await dispose();
    throw new Error(`${name} does not listen: ${child.stderr.slice(-1000)}${child.stdout.slice(-1000)}`, {
      cause: error,
    });
  }
  return { name, port, pids: () => tree(child.pid), [Symbol.asyncDispose]: dispose };
}

async function configOf(name: PeerName, directory: string, port: number): Promise<string> {
  const file = name === 'prosody' ? 'prosody.cfg.lua' : 'ejabberd.yml';
  const template = await readFile(fileURLToPath(new URL(file, import.meta.url)), 'utf8');
  const target = join(directory, file);
  await writeFile(target, template.replaceAll('LOAD_PORT', String(port)).replaceAll('LOAD_DIRECTORY', directory));
  return target;
}

/** Without busy waiting of the schedulers, so that processor time means work; without distribution. */
function erl(directory: string): readonly string[] {
  const idle = ['+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none'];
  return [
    'erl',
    '-noinput',
    '+K',
    'true',
    '+P',
    '250000',
    ...idle,
    '-mnesia',
    'dir',
    `"${join(directory, 'db')}"`,
    '-s',
    'ejabberd',
  ];
}

function erlangLibraries(): string {
  return globSync('/usr/lib/*-linux-gnu').join(':');
}

function accepts(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
