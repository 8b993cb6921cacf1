import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, firstLine } from './command.mjs';

/** The image that Kubernetes and the compose file use too. */
const image = 'nats:2.14.7';

/** Tries the ways to get a nats-server in turn, the ones that change nothing on the system first. */
export async function fetchNats(folder, say, isThere) {
  for (const { name, tool, get } of ways) {
    if (!has(tool)) continue;
    say(`getting nats-server with ${name}`);
    await inScratch((scratch) => get(scratch, folder));
    if (isThere()) return;
  }
}

const ways = [
  { name: 'apt-get', tool: 'apt-get', get: unpackDebian },
  { name: 'brew', tool: 'brew', get: () => capture('brew', ['install', '--quiet', 'nats-server']) },
  { name: 'dnf', tool: 'dnf', get: () => asRoot('dnf', ['install', '-y', '-q', 'nats-server']) },
  { name: 'apk', tool: 'apk', get: () => asRoot('apk', ['add', '-q', 'nats-server']) },
  { name: 'docker', tool: 'docker', get: copyFromImage },
];

/**
 * Unpacks the signed package of the distribution into `folder`.
 *
 * Installing it would need root, and would start a service of the system on the port that `npm start` uses.
 * Package lists of our own make it independent of how old the system's are.
 */
async function unpackDebian(scratch, folder) {
  await mkdir(join(scratch, 'lists', 'partial'), { recursive: true });
  await mkdir(join(scratch, 'cache', 'archives', 'partial'), { recursive: true });
  const own = ['-qq', '-o', `Dir::State::Lists=${scratch}/lists`, '-o', `Dir::Cache=${scratch}/cache`];
  const unprivileged = ['-o', 'APT::Sandbox::User=', '-o', 'Debug::NoLocking=1'];
  await capture('apt-get', [...own, ...unprivileged, 'update']);
  await capture('apt-get', [...own, ...unprivileged, 'download', 'nats-server'], { cwd: scratch });
  const archive = (await readdir(scratch)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) return;
  await capture('dpkg-deb', ['-x', join(scratch, archive), scratch]);
  await put(join(scratch, 'usr', 'sbin', 'nats-server'), folder);
}

/** Copies the program out of its image: it is one static file, so no container need run. */
async function copyFromImage(scratch, folder) {
  if (process.platform !== 'linux') return;
  const { ok, output } = await capture('docker', ['create', '--quiet', image]);
  if (!ok) return;
  const container = output.trim().split('\n').at(-1);
  await capture('docker', ['cp', `${container}:/nats-server`, join(scratch, 'nats-server')]);
  await capture('docker', ['rm', container]);
  await put(join(scratch, 'nats-server'), folder);
}

/** Renaming makes the program appear whole or not at all. */
async function put(file, folder) {
  const next = join(folder, `.nats-server.${process.pid}`);
  try {
    await copyFile(file, next);
    await chmod(next, 0o755);
    await rename(next, join(folder, 'nats-server'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

async function asRoot(command, args) {
  if (process.getuid?.() === 0) return capture(command, args);
  return has('sudo') && capture('sudo', ['-n', command, ...args]);
}

const has = (tool) => firstLine('/bin/sh', ['-c', `command -v ${tool}`]) !== undefined;

async function inScratch(work) {
  const scratch = await mkdtemp(join(tmpdir(), 'parley-setup-'));
  try {
    await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
