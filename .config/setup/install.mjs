import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './command.mjs';
import { withLock } from './lock.mjs';
import { SetupError } from './setup-error.mjs';

/** Brings node_modules to what package-lock.json says; does nothing when it is there already. */
export async function ensureInstalled(root, say) {
  if (isInstalled(root)) return;
  const lock = join(root, '.nx', 'setup.lock');
  const onWait = () => say('waiting for another run that is installing dependencies');
  await withLock(lock, onWait, async () => {
    if (isInstalled(root)) return;
    if (!isAtLockfile(root)) await install(root, say);
    writeFileSync(stampFile(root), lockfileHash(root));
  });
}

async function install(root, say) {
  say('installing dependencies (npm ci)');
  const [command, ...npm] = npmCommand();
  const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const { ok, output } = await capture(command, [...npm, 'ci', ...quiet], { cwd: root });
  if (!ok) throw new SetupError(`npm ci failed; the npm registry must be reachable for the first run:\n${output}`);
}

/** The npm that called us when there is one: the one on PATH may be another, or none. */
function npmCommand() {
  const cli = process.env['npm_execpath'];
  return cli?.endsWith('npm-cli.js') ? [process.execPath, cli] : ['npm'];
}

const stampFile = (root) => join(root, 'node_modules', '.parley-lockfile');

const lockfileHash = (root) =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

function isInstalled(root) {
  return readIfThere(stampFile(root)) === lockfileHash(root);
}

/** Whether an npm run by hand has installed this very lockfile: npm leaves its own record in node_modules. */
function isAtLockfile(root) {
  const record = readIfThere(join(root, 'node_modules', '.package-lock.json'));
  if (record === undefined) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(record).packages;
  return Object.entries(wanted).every(([place, entry]) => place === '' || isSatisfied(entry, found[place]));
}

function isSatisfied(wanted, found) {
  if (found === undefined) return wanted.optional === true || wanted.devOptional === true;
  return found.version === wanted.version && found.integrity === wanted.integrity && sameNeeds(wanted, found);
}

function sameNeeds(wanted, found) {
  return JSON.stringify(wanted.dependencies ?? {}) === JSON.stringify(found.dependencies ?? {});
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
