import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isRunning } from '../data/process-identity.ts';
import type { ProcessIdentity } from '../data/process-identity.ts';

const pollMs = 50;

/** Pids in a message `{kind: 'wards', pids: […]}` as processes told apart from later ones with the same pid. */
export function readWards(message: unknown): readonly ProcessIdentity[] | undefined {
  if (typeof message !== 'object' || message === null || !('kind' in message) || message.kind !== 'wards')
    return undefined;
  if (!('pids' in message) || !Array.isArray(message.pids)) return undefined;
  return message.pids.flatMap((pid: unknown) => (typeof pid === 'number' ? (identify(pid) ?? []) : []));
}

/** Resolves when none of `wards` is running; what still is after `patience` milliseconds gets `signal` first. */
export async function allGone(
  wards: readonly ProcessIdentity[],
  patience: number,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<void> {
  const deadline = performance.now() + patience;
  let signalled = false;
  for (let left = wards.filter(isRunning); left.length > 0; left = left.filter(isRunning)) {
    if (!signalled && performance.now() >= deadline) {
      for (const { pid } of left) sendSignal(pid, signal);
      signalled = true;
    }
    await sleep(pollMs);
  }
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It went by itself between the look and the signal.
  }
}
