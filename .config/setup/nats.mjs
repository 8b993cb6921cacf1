import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { firstLine } from './command.mjs';
import { fetchNats } from './fetch-nats.mjs';
import { withLock } from './lock.mjs';
import { SetupError } from './setup-error.mjs';

/** Where distributions put daemons, often missing from a user's PATH. */
const daemonFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Oldest server whose JetStream has all that is used here. */
const oldest = [2, 9];

/** Makes sure that there is a NATS to use; returns the PATH on which its program is found. */
export async function ensureNats(root, say) {
  const path = searchPath(root);
  if (isNatsGiven(root) || findNats(path) !== undefined) return path;
  await withLock(
    join(root, '.nx', 'setup.lock'),
    () => say('waiting for another run that is fetching nats-server'),
    async () => {
      if (findNats(path) !== undefined) return;
      await fetchNats(join(root, 'node_modules', '.bin'), say, () => findNats(path) !== undefined);
    },
  );
  if (findNats(path) !== undefined) return path;
  throw new SetupError(
    'Parley keeps its data in NATS, and no nats-server (2.9 or newer) was found or could be installed. Install it with ' +
      'your package manager (`apt-get install nats-server`, `brew install nats-server`) or from https://nats.io, ' +
      'or set PARLEY_NATS_URL to a server with JetStream; then run the same command again.',
  );
}

/** PATH with the workspace's own programs in front and the daemons' folders behind. */
export function searchPath(root, path = process.env['PATH'] ?? '') {
  const own = join(root, 'node_modules', '.bin');
  return [...new Set([own, ...path.split(delimiter), ...daemonFolders])]
    .filter((folder) => folder !== '')
    .join(delimiter);
}

/** First nats-server on `path` that is new enough. */
export function findNats(path) {
  return path
    .split(delimiter)
    .map((folder) => join(folder, 'nats-server'))
    .find((file) => isExecutable(file) && isNewEnough(firstLine(file, ['--version'])));
}

/** Whether what `nats-server --version` prints (`nats-server: v2.9.10`) names a usable server. */
export function isNewEnough(line) {
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(line ?? '') ?? [];
  if (major === undefined) return false;
  return Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1]);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isNatsGiven(root) {
  return Boolean(process.env['PARLEY_NATS_URL']) || /^\s*(export\s+)?PARLEY_NATS_URL\s*=\s*\S/m.test(dotEnv(root));
}

function dotEnv(root) {
  try {
    return readFileSync(join(root, '.env'), 'utf8');
  } catch {
    return '';
  }
}
