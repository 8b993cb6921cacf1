import { fileURLToPath } from 'node:url';
import type { DataDir } from '../data/data-dir.ts';
import { LaunchError } from '../launch-error.ts';
import { findNatsServer } from '../nats/find-nats-server.ts';
import { natsPolicy, servicePolicy } from '../supervision/restart-policy.ts';
import type { ProcessSpec } from '../supervision/supervised-process.ts';
import { taskVariable } from './task.ts';
import type { GuardTask } from './task.ts';

/** Name of the guard's process in messages: what people look for is NATS, where it runs one. */
export const guardName = 'nats';

const script = fileURLToPath(new URL('main.ts', import.meta.url));

/** The private NATS that a guard is to run; its port is asked for at each start, as it is chosen at the first. */
export interface PrivateNats {
  readonly token: string;
  port(): number;
}

/** How the guard is run, with a private NATS or with nothing but the services to look after. */
export function guardSpec(dir: DataDir, environment: NodeJS.ProcessEnv, nats?: PrivateNats): ProcessSpec {
  const program = nats === undefined ? '' : natsProgram(environment['PATH'] ?? '');
  const task = (): GuardTask => ({
    lock: dir.guardLock,
    ...(nats === undefined ? {} : { nats: { program, folder: dir.nats, port: nats.port(), token: nats.token } }),
  });
  return {
    name: guardName,
    policy: nats === undefined ? servicePolicy : natsPolicy,
    command: () => ({ script, args: [], environment: { ...environment, [taskVariable]: JSON.stringify(task()) } }),
  };
}

function natsProgram(path: string): string {
  const program = findNatsServer(path);
  if (program !== undefined) return program;
  throw new LaunchError('no nats-server was found; install it (apt-get install nats-server) or set PARLEY_NATS_URL');
}
