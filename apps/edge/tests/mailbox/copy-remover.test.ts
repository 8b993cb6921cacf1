import { busFailure } from '@parley/bus';
import { err, ok } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { CopyRemover } from '../../src/actors/mailbox/copy-remover.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A remover over a stream that holds so many copies, and what it asked of it. */
function removerOf(stored: number, isAway = false) {
  const asked: string[] = [];
  let [running, most] = [0, 0];
  const stream = {
    remove: async (sequence: number) => {
      asked.push(`remove ${sequence}`);
      most = Math.max(most, ++running);
      await turn();
      running--;
      return isAway ? err(busFailure('disconnected', 'away')) : ok(true);
    },
    purge: (subject: string, before?: number) => {
      asked.push(`purge ${subject} ${before}`);
      return Promise.resolve(ok(0));
    },
  };
  return { remover: new CopyRemover(stream, () => stored), asked, most: () => most };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('Copies that nobody needs any more', () => {
  it('are removed one by one where a purge would look at many that are none of them', async () => {
    const { remover, asked } = removerOf(100_000);
    remover.remove('bob', [3, 7], 8);
    await turn();
    await turn();
    expect(asked.toSorted()).toEqual(['remove 3', 'remove 7']);
  });

  it('are purged where they are many among few', () => {
    const { remover, asked } = removerOf(300);
    remover.remove('bob', range(200), 201);
    expect(asked).toEqual(['purge mailbox.bob 201']);
  });

  it('wait for what is more urgent, in more lanes the more they are, and none twice', async () => {
    const { remover, asked, most } = removerOf(1_000_000);
    remover.remove('bob', range(600), 601);
    while (new Set(asked).size < 600) await turn();
    expect([asked.length, most()]).toEqual([600, 3]);
  });

  it('are left when NATS is away: they lie below every cursor', async () => {
    const { remover, asked } = removerOf(1_000_000, true);
    remover.remove('bob', [1, 2], 3);
    while (asked.length < 2) await turn();
    await turn();
    expect(asked).toHaveLength(2);
  });
});
