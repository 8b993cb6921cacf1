// The guard of an installation: runs the private NATS, and outlives a killed launcher just long enough to end
// what the launcher started. The services end by themselves when their channel to the launcher closes; NATS knows
// no such channel, and a service that hangs does not look at it.
import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '../data/process-lock.ts';
import type { ProcessLock } from '../data/process-lock.ts';
import type { ProcessIdentity } from '../data/process-identity.ts';
import { serverIdentityFile, startNatsServer } from '../nats/nats-server.ts';
import type { NatsServer } from '../nats/nats-server.ts';
import type { Severity } from '../nats/server-log.ts';
import { endOrphan } from './orphan.ts';
import { readTask } from './task.ts';
import { allGone, readWards } from './wards.ts';

const task = readTask(process.env);

/** The launcher writes our log: this process stays small, and is ready sooner, without one of its own. */
function log(severity: Severity, message: string): void {
  if (process.connected) process.send?.({ kind: 'log', severity, message });
}

async function takeGuardLock(): Promise<ProcessLock> {
  for (;;) {
    const outcome = takeLock(task.lock);
    if (outcome.kind === 'taken') return outcome.lock;
    await sleep(100);
  }
}

async function startServer(): Promise<NatsServer | undefined> {
  if (task.nats === undefined) return undefined;
  await endOrphan(serverIdentityFile(task.nats.folder));
  return startNatsServer(task.nats, log);
}

/** Resolves when the launcher asks us to end, or is no more. */
function launcherDone(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => {
      resolve();
    });
    process.once('disconnect', () => {
      resolve();
    });
    if (!process.connected) resolve();
  });
}

let wards: readonly ProcessIdentity[] = [];
process.on('message', (message) => {
  wards = readWards(message) ?? wards;
});
process.on('SIGINT', () => {});
const done = launcherDone();
const lock = await takeGuardLock();
try {
  const server = await startServer();
  if (process.connected) process.send?.({ kind: 'ready', ports: server === undefined ? {} : { nats: server.port } });
  const lost = server === undefined ? new Promise<string>(() => {}) : server.exited;
  const how = await Promise.race([done, lost]);
  if (typeof how === 'string') {
    log('error', `nats-server ended (${how})`);
    process.exitCode = 1;
  } else {
    await allGone(wards, task.patience);
    await server?.stop();
  }
} catch (error) {
  log('fatal', error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  lock.release();
  if (process.connected) process.disconnect();
}
