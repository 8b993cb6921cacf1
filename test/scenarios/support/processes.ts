import { readdirSync, readFileSync } from 'node:fs';
import type { Installation } from './installation.ts';

/** Names of the processes that the launcher runs. */
export const services = ['edge', 'focus', 'msrp-switch', 'nickname', 'notification', 'console'] as const;

/** One of {@link services}, or its NATS. */
export type ProcessName = (typeof services)[number] | 'nats-server';

/** Process ids of an installation by name, as the system shows them. @throws Error when one is not running */
export function processIds(installation: Installation): Readonly<Record<ProcessName, number>> {
  const entries = services.map((name) => [name, serviceId(installation, name)] as const);
  const nats = pidOf(
    ({ command }) =>
      command.includes('nats-server') && command.includes(installation.dataDir) && !command.includes('guard'),
    'nats-server',
  );
  return { ...(Object.fromEntries(entries) as Record<(typeof services)[number], number>), 'nats-server': nats };
}

/** Process id of one service of an installation. @throws Error when it is not running */
export function serviceId({ launcher }: Pick<Installation, 'launcher'>, name: (typeof services)[number]): number {
  return pidOf(({ parent, command }) => parent === launcher.pid && command.includes(`/apps/${name}/src/main.ts`), name);
}

function pidOf(fits: (process: RunningProcess) => boolean, name: string): number {
  const [found, ...others] = runningProcesses().filter(fits);
  if (found === undefined || others.length > 0)
    throw new Error(`expected one ${name}, found ${String(found && others.length + 1)}`);
  return found.pid;
}

/** Processes that belong to a data directory by their command or environment: none, once an installation has ended. */
export function processesOf(dataDir: string): readonly number[] {
  return runningProcesses()
    .filter(
      ({ pid, command }) => pid !== process.pid && (command.includes(dataDir) || environmentOf(pid).includes(dataDir)),
    )
    .map(({ pid }) => pid);
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** Command line, its words separated by blanks. */
  readonly command: string;
}

function runningProcesses(): readonly RunningProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => {
    const stat = readProc(name, 'stat');
    // The name in brackets may hold anything; what follows the last one is plain.
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (stat === '' || state === 'Z') return [];
    return [{ pid: Number(name), parent: Number(parent), command: readProc(name, 'cmdline').replaceAll('\0', ' ') }];
  });
}

function environmentOf(pid: number): string {
  return readProc(String(pid), 'environ');
}

/** Empty when the process has ended, or is somebody else's. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
