import { describe, expect, it } from 'vitest';
import { eventually, startChild } from '../src/index.ts';

describe('startChild', () => {
  it('captures what the process says, and how it ends', async () => {
    const child = startChild('sh', ['-c', 'echo out; echo "$WORD" >&2; exit 3'], { env: { WORD: 'err' } });
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect([child.stdout, child.stderr]).toEqual(['out\n', 'err\n']);
  });

  it('ends what the process started along with it', async () => {
    const child = startChild('sh', ['-c', 'sleep 60 & echo $!; wait']);
    const grandchild = await eventually(() => {
      expect(child.stdout).toMatch(/\n/);
      return Number(child.stdout);
    });
    await child.stop();
    await eventually(() => {
      expect(() => process.kill(grandchild, 0)).toThrow();
    });
  });

  it('ends a process that does not listen, after so much patience', async () => {
    const child = startChild('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done']);
    await eventually(() => {
      expect(child.stdout).toBe('ready\n');
    });
    expect(await child.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('says so when there is no such program', async () => {
    expect((await startChild('/nowhere/at-all', []).exited).code).toBe(127);
  });
});
