import type { Cancel, Clock, Result } from '@parley/prelude';
import type { BusFailure } from './bus-failure.ts';

/**
 * Asks, and asks again each time that a while has passed without an answer: whoever took the question may have died with it.
 * Earlier questions stay open, so that a slow answer counts as well. A failure counts when no question is open any more.
 *
 * @param every - milliseconds
 * @param ask - ends by the deadline; tries no more once `isOver`
 */
export function askAgain<Answer>(
  clock: Clock,
  every: number,
  ask: (isOver: () => boolean) => Promise<Result<Answer, BusFailure>>,
): Promise<Result<Answer, BusFailure>> {
  return new Promise((resolve) => {
    let [open, isOver] = [0, false];
    let cancel: Cancel = () => {};
    const begin = (): void => {
      open++;
      cancel = clock.after(every, begin);
      void ask(() => isOver).then((answer) => {
        open--;
        if (!answer.ok && open > 0) return;
        isOver = true;
        cancel();
        resolve(answer);
      });
    };
    begin();
  });
}
