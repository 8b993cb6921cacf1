import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '../data/process-lock.ts';
import type { ProcessLock } from '../data/process-lock.ts';
import { serverIdentityFile, startNatsServer } from '../nats/nats-server.ts';
import type { NatsServer } from '../nats/nats-server.ts';
import { openLauncherChannel } from './launcher-channel.ts';
import type { LauncherChannel } from './launcher-channel.ts';
import { endOrphan } from './orphan.ts';
import type { GuardTask } from './task.ts';
import { allGone } from './wards.ts';

/**
 * Runs the private NATS, and outlives a killed launcher just long enough to end what the launcher has started.
 *
 * The services end by themselves when their channel to the launcher closes; NATS knows no such channel, and a service
 * that hangs does not look at its own.
 *
 * @returns the exit code: 1 when NATS did not start or has ended by itself
 */
export async function runGuard(task: GuardTask): Promise<number> {
  const channel = openLauncherChannel();
  const lock = await takeGuardLock(task.lock);
  try {
    const server = await startServer(task, channel);
    channel.tellReady(server === undefined ? {} : { nats: server.port });
    return await watch(server, task, channel);
  } catch (error) {
    channel.log('fatal', error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    lock.release();
  }
}

/** Waits for the guard of an earlier run, which may still be ending what it looks after. */
async function takeGuardLock(file: string): Promise<ProcessLock> {
  for (;;) {
    const outcome = takeLock(file);
    if (outcome.kind === 'taken') return outcome.lock;
    await sleep(100);
  }
}

async function startServer({ nats }: GuardTask, { log }: LauncherChannel): Promise<NatsServer | undefined> {
  if (nats === undefined) return undefined;
  await endOrphan(serverIdentityFile(nats.folder));
  return startNatsServer(nats, log);
}

async function watch(server: NatsServer | undefined, task: GuardTask, channel: LauncherChannel): Promise<number> {
  const how = await Promise.race(server === undefined ? [channel.done] : [channel.done, server.exited]);
  if (how !== undefined) {
    channel.log('error', `nats-server ended (${how})`);
    return 1;
  }
  await allGone(channel.wards(), task.patience);
  await server?.stop();
  return 0;
}
