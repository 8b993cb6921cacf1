import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from '../launch-error.ts';
import { formatIdentity, identify } from '../data/process-identity.ts';
import { serverConfig } from './server-config.ts';
import type { NatsPlan } from './server-config.ts';
import { readServerLogLine } from './server-log.ts';
import type { ServerLog } from './server-log.ts';

/** A private NATS that accepts connections. */
export interface NatsServer {
  readonly port: number;
  /** Resolves when the process has ended, whoever ended it. */
  readonly exited: Promise<string>;
  /** Lets it flush and end; kills it after ten seconds. */
  stop(): Promise<void>;
}

const pollMs = 20;
const stopDeadlineMs = 10_000;

/** File that names the running server, for whoever must end it when its guard could not. */
export function serverIdentityFile(folder: string): string {
  return join(folder, 'server.pid');
}

/** Starts the server of `plan`; resolves when it accepts. */
export async function startNatsServer(plan: NatsPlan, log: ServerLog): Promise<NatsServer> {
  mkdirSync(plan.folder, { recursive: true, mode: 0o700 });
  removeStalePorts(plan.folder);
  const config = join(plan.folder, 'nats.conf');
  writeFileSync(config, serverConfig(plan), { mode: 0o600 });
  const child = spawnTied(plan.program, ['-c', config]);
  const exited = reportedEnd(child);
  passLog(child, log);
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity !== undefined) writeFileSync(serverIdentityFile(plan.folder), formatIdentity(identity));
  const port = await Promise.race([listeningPort(plan, child), exited.then((how) => failure(how))]);
  return { port, exited, stop: () => stop(child, exited) };
}

/** The server removes its own ports file, unless it was killed. */
function removeStalePorts(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith('.ports')) rmSync(join(folder, name));
}

/** Where the kernel can, the server is told to end when its guard dies, so that not even kill -9 leaves it behind. */
function spawnTied(program: string, args: readonly string[]): ChildProcess {
  const tied = canTie() ? ['setpriv', '--pdeathsig', 'TERM', program, ...args] : [program, ...args];
  const [command = program, ...rest] = tied;
  return spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function canTie(): boolean {
  return process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0;
}

function failure(how: string): never {
  throw new LaunchError(`nats-server ended while it started (${how}); its own words are above`);
}

function reportedEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(signal ?? `exit code ${String(code)}`);
    });
  });
}

function passLog(child: ChildProcess, log: ServerLog): void {
  if (child.stderr === null) return;
  createInterface({ input: child.stderr }).on('line', (text) => {
    const { severity, message } = readServerLogLine(text);
    log(severity, message);
  });
}

/** The server writes `<program>_<pid>.ports` once it listens. */
async function listeningPort(plan: NatsPlan, child: ChildProcess): Promise<number> {
  const file = join(plan.folder, `nats-server_${String(child.pid)}.ports`);
  while (child.exitCode === null && child.signalCode === null) {
    const port = portIn(file);
    if (port !== undefined) return port;
    await sleep(pollMs);
  }
  return failure(`exit code ${String(child.exitCode)}`);
}

function portIn(file: string): number | undefined {
  try {
    const [, port] = /nats:\/\/[^"]*:(\d+)/.exec(readFileSync(file, 'utf8')) ?? [];
    return port === undefined ? undefined : Number(port);
  } catch {
    return undefined;
  }
}

async function stop(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const last = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
  await exited;
  clearTimeout(last);
}
