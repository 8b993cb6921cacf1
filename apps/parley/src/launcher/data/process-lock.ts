import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { formatIdentity, identify, isRunning, parseIdentity } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** The right to a folder, held by one living process; given back by `release`, or by dying. */
export interface ProcessLock {
  release(): void;
}

/** Outcome of {@link takeLock}: the lock, or who has it. */
export type LockOutcome =
  | { readonly kind: 'taken'; readonly lock: ProcessLock; readonly abandonedBefore: boolean }
  | { readonly kind: 'held'; readonly by: number };

/** Takes the lock file for this process unless a living one has it. */
export function takeLock(file: string): LockOutcome {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, formatIdentity(ownIdentity()), { mode: 0o600 });
  try {
    return link(own, file);
  } finally {
    rmSync(own, { force: true });
  }
}

/** Process that holds the lock file now, if any. */
export function lockHolder(file: string): ProcessIdentity | undefined {
  const holder = readHolder(file);
  return holder !== undefined && isRunning(holder) ? holder : undefined;
}

/** @note A link appears with its content at once, so that nobody reads a lock file half written. */
function link(own: string, file: string): LockOutcome {
  for (let abandonedBefore = false; ; abandonedBefore = true) {
    try {
      linkSync(own, file);
      return {
        kind: 'taken',
        abandonedBefore,
        lock: {
          release: () => {
            release(file);
          },
        },
      };
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
    const holder = lockHolder(file);
    if (holder !== undefined) return { kind: 'held', by: holder.pid };
    discard(file, `${own}.old`);
  }
}

/** Moves an abandoned lock away: of several who see it, the rename lets one win, and a lock taken meanwhile is put back. */
function discard(file: string, aside: string): void {
  try {
    renameSync(file, aside);
    if (lockHolder(aside) !== undefined) linkSync(aside, file);
  } catch (error) {
    if (!isCode(error, 'ENOENT') && !isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function release(file: string): void {
  if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return parseIdentity(readFileSync(file, 'utf8'));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function ownIdentity(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, started: 'unknown' };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
