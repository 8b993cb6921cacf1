import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rounds } from '../src/index.ts';

describe('Work in rounds', () => {
  it('is done until nothing is left, wherever between the steps of a round a call comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(6), { maxLength: 12 }), async (gaps) => {
        let [waiting, done, atOnce] = [0, 0, 0];
        const rounds = new Rounds(
          async () => {
            expect(++atOnce).toBe(1);
            done += waiting;
            waiting = 0;
            await Promise.resolve();
            atOnce--;
          },
          () => true,
        );
        for (const gap of gaps) {
          waiting++;
          rounds.call();
          for (let step = 0; step < gap; step++) await Promise.resolve();
        }
        await rounds.settled();
        expect([waiting, done]).toEqual([0, gaps.length]);
      }),
    );
  });

  it('is called for from within a round', async () => {
    const left = [1, 2, 3];
    const rounds: Rounds = new Rounds(
      () => {
        if (left.pop() !== undefined) rounds.call();
        return Promise.resolve();
      },
      () => true,
    );
    rounds.call();
    await rounds.settled();
    expect(left).toEqual([]);
  });

  it('waits for another call where it may not go on', async () => {
    let [mayGoOn, done] = [false, 0];
    const rounds = new Rounds(
      () => {
        done++;
        return Promise.resolve();
      },
      () => mayGoOn,
    );
    rounds.call();
    await rounds.settled();
    mayGoOn = true;
    expect(done).toBe(0);
    rounds.call();
    await rounds.settled();
    expect(done).toBe(1);
  });
});
