import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from '../launch-error.ts';
import { lockHolder, takeLock } from './process-lock.ts';
import type { ProcessLock } from './process-lock.ts';

/** Places in the data directory; what is secret there is readable by its owner alone. */
export interface DataDir {
  readonly path: string;
  readonly nats: string;
  readonly natsToken: string;
  readonly adminToken: string;
  /** Held by the guard while anything of an installation runs. */
  readonly guardLock: string;
}

/** Names the places in the data directory `path`. */
export function dataDir(path: string): DataDir {
  const at = (name: string): string => join(path, name);
  const nats = at('nats');
  return { path, nats, natsToken: join(nats, 'token'), adminToken: at('admin-token'), guardLock: at('guard.lock') };
}

/**
 * Makes the data directory and takes it for this process.
 *
 * @throws LaunchError when it cannot be written, or another launcher runs in it
 */
export function openDataDir({ path, nats }: DataDir): ProcessLock {
  const outcome = lockIn(path, nats);
  if (outcome.kind === 'taken') return outcome.lock;
  throw new LaunchError(
    `Parley is already running in ${path} (process ${outcome.by}); stop it, or set PARLEY_DATA_DIR to another directory`,
  );
}

function lockIn(path: string, nats: string): ReturnType<typeof takeLock> {
  try {
    makeFolder(path);
    makeFolder(nats);
    return takeLock(join(path, 'launcher.lock'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LaunchError(`PARLEY_DATA_DIR is ${path}, which cannot be used (${reason})`, { cause: error });
  }
}

/** Node's own recursive way goes on for ever where a folder that stands takes none: in /proc, in one that was removed. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(path)) throw error; // else somebody else made it just now
  }
}

/** Waits until the guard of an earlier run, whose launcher was killed, has ended what it looks after. */
export async function earlierRunEnded({ guardLock }: DataDir, onWait: () => void): Promise<void> {
  if (lockHolder(guardLock) !== undefined) onWait();
  while (lockHolder(guardLock) !== undefined) await sleep(100);
}
