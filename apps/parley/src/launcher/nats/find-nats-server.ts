import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where distributions put daemons, often missing from a user's PATH. */
const daemonFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Where the set-up of the workspace puts a server that it fetched. */
const ownFolder = fileURLToPath(new URL('../../../../../node_modules/.bin', import.meta.url));

/** Path of the first nats-server on `path` or in the usual places. */
export function findNatsServer(path: string): string | undefined {
  return [...path.split(delimiter), ownFolder, ...daemonFolders]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'nats-server'))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
