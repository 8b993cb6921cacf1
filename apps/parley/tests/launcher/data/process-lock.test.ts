import { spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatIdentity, identify, isRunning, parseIdentity } from '../../../src/launcher/data/process-identity.ts';
import { lockHolder, takeLock } from '../../../src/launcher/data/process-lock.ts';
import { scratchDir } from '../../fixtures/fleet-process.ts';

let scratch: ReturnType<typeof scratchDir>;
let file: string;

beforeEach(() => {
  scratch = scratchDir();
  file = join(scratch.path, 'lock');
});

afterEach(() => {
  scratch.remove();
});

describe('the identity of a process', () => {
  it('survives being written to a file', () => {
    const own = identify(process.pid);
    expect(own).toBeDefined();
    expect(own && parseIdentity(formatIdentity(own))).toEqual(own);
  });

  it('is not that of a later process with the same pid', () => {
    expect(isRunning({ pid: process.pid, started: 'another time' })).toBe(false);
  });

  it('ends with the process', async () => {
    const child = spawn('sleep', ['60']);
    const identity = identify(child.pid ?? 0);
    expect(identity !== undefined && isRunning(identity)).toBe(true);
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
    expect(identity !== undefined && isRunning(identity)).toBe(false);
  });

  it.each(['', 'x', '12', '12 ', ' 12 34'])('is not read from %j', (text) => {
    expect(parseIdentity(text)).toBeUndefined();
  });
});

describe('a lock file', () => {
  it('is taken once, and free when it is released', () => {
    const first = takeLock(file);
    expect(first.kind).toBe('taken');
    expect(takeLock(file)).toEqual({ kind: 'held', by: process.pid });
    if (first.kind === 'taken') first.lock.release();
    expect(existsSync(file)).toBe(false);
    expect(takeLock(file).kind).toBe('taken');
  });

  it('of a process that is no more is taken over, and nothing else is left in its folder', () => {
    writeFileSync(file, '4194304 1\n');
    expect(lockHolder(file)).toBeUndefined();
    expect(takeLock(file).kind).toBe('taken');
    expect(lockHolder(file)?.pid).toBe(process.pid);
    expect(readdirSync(scratch.path)).toEqual(['lock']);
  });

  it('that holds no identity belongs to nobody', () => {
    writeFileSync(file, 'what is this\n');
    expect(takeLock(file).kind).toBe('taken');
  });
});
