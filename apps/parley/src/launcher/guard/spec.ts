import { fileURLToPath } from 'node:url';
import type { Environment } from '@parley/service';
import type { DataDir } from '../data/data-dir.ts';
import { LaunchError } from '../launch-error.ts';
import type { Logger } from '../logger.ts';
import { findNatsServer } from '../nats/find-nats-server.ts';
import type { Severity } from '../nats/server-log.ts';
import { natsPolicy } from '../supervision/restart-policy.ts';
import type { ProcessSpec } from '../supervision/supervised-process.ts';
import { taskVariable } from './task.ts';
import type { GuardTask } from './task.ts';

/** Name of the guard's process in messages: what people look for is NATS, where it runs one. */
export const guardName = 'nats';

const script = fileURLToPath(new URL('main.ts', import.meta.url));

/** The private NATS that a guard is to run; its port is asked for at each start, as it is chosen at the first. */
export interface PrivateNats {
  readonly token: string;
  /** What the streams of its store may fill together. */
  readonly storeOctets: number;
  port(): number;
}

/** What a guard is given by its launcher. */
export interface GuardSurroundings {
  readonly dir: DataDir;
  readonly environment: Environment;
  /** How long the services may take to end by themselves once the launcher is gone, in milliseconds. */
  readonly patience: number;
  readonly logger: Logger;
}

/** How the guard is run, with a private NATS or with nothing but the services to look after. */
export function guardSpec({ dir, environment, patience, logger }: GuardSurroundings, nats?: PrivateNats): ProcessSpec {
  const program = nats === undefined ? '' : natsProgram(environment['PATH'] ?? '');
  const task = (): GuardTask => ({
    lock: dir.guardLock,
    patience,
    ...(nats === undefined ? {} : { nats: { program, folder: dir.nats, port: nats.port(), token: nats.token } }),
  });
  return {
    name: guardName,
    policy: natsPolicy,
    hear: (message) => {
      passLog(message, logger);
    },
    command: () => ({ script, args: [], environment: { ...environment, [taskVariable]: JSON.stringify(task()) } }),
  };
}

function natsProgram(path: string): string {
  const program = findNatsServer(path);
  if (program !== undefined) return program;
  throw new LaunchError('no nats-server was found; install it (apt-get install nats-server) or set PARLEY_NATS_URL');
}

/** Writes what the guard sends, `{kind: 'log', severity, message}`, among our own lines. */
function passLog(message: unknown, logger: Logger): void {
  const line = message as Partial<{ kind: string; severity: Severity; message: string }> | null; // our own guard's
  if (line?.kind === 'log' && line.severity !== undefined)
    logger[line.severity]({ part: guardName }, line.message ?? '');
}
