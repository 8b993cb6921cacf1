import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lossOf, noLoad, observeLoad } from '../../src/overload/load-control.ts';
import type { Load } from '../../src/overload/load-control.ts';

const target = 200;
const period = 100;

function observeAll(measured: readonly number[]): Load {
  return measured.reduce((load, delay) => observeLoad(load, delay, target, period), noLoad);
}

/**
 * A server with a queue, in steps of 100 ms: it serves so many requests a second, refuses at a part of the price, and
 * its queue holds so many.
 */
function simulate({ capacity = 10_000, offered = 20_000, seconds = 60, room = 20_000, priceOfRefusal = 0.3 }) {
  let load = noLoad;
  let queue = 0;
  let served = 0;
  let worst = 0;
  for (let step = 0; step < seconds * 10; step++) {
    queue = Math.min(room, queue + offered / 10);
    const loss = lossOf(load, 'message');
    // Of each request taken from the queue a part is refused: at most one for eight served, the others are dropped.
    const refused = Math.min(loss, (1 - loss) / 8);
    const price = 1 - loss + refused * priceOfRefusal + (loss - refused) * 0.05;
    const taken = Math.min(queue, capacity / 10 / price);
    queue -= taken;
    const delay = (queue * price * 1000) / capacity;
    load = observeLoad(load, delay, target, period);
    if (step < 100) continue;
    served += taken * (1 - loss);
    worst = Math.max(worst, delay);
  }
  return { goodput: served / ((seconds - 10) * capacity), worst, load };
}

describe('The control of overload', () => {
  it('gives nothing up for a single pause of the process, however long', () => {
    const { level } = observeAll([0, 0, 10_000, 0, 0, 0]);
    expect(level).toBeLessThan(0.2);
    expect(lossOf({ delay: 0, level }, 'message')).toBe(0);
  });

  it('gives up what can be deferred before messages, and messages before what keeps sessions alive', () => {
    const losses: string[] = [];
    let load = noLoad;
    for (let i = 0; i < 100; i++) {
      load = observeLoad(load, 10 * target, target, period);
      const [deferrable, message, kept] = (['deferrable', 'message', 'kept'] as const).map((kind) =>
        lossOf(load, kind),
      );
      if (message !== undefined && message > 0) expect(deferrable).toBeGreaterThanOrEqual(0.95);
      if (kept !== undefined && kept > 0) expect(message).toBeGreaterThanOrEqual(0.95);
      losses.push(`${deferrable} ${message} ${kept}`);
    }
    expect(losses.at(-1)).toBe('0.95 0.95 0.5');
  });

  it('takes all again within seconds after the load is gone', () => {
    const { level } = observeAll([...Array<number>(100).fill(10_000), ...Array<number>(70).fill(0)]);
    expect(level).toBe(0);
  });

  it.each([
    [1, 0.95],
    [1.5, 0.85],
    [2, 0.8],
    [4, 0.7],
  ])('at %d times its capacity serves more than %d of it, with a short queue', (times, least) => {
    const { goodput, worst } = simulate({ offered: times * 10_000 });
    expect(goodput).toBeGreaterThan(least);
    expect(worst).toBeLessThan(5 * target);
  });

  it('gives nothing up below its capacity', () => {
    expect(simulate({ offered: 9_500 })).toMatchObject({ load: { level: 0 } });
  });

  it('stays within its bounds, whatever is measured', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(10_000))), (measured) => {
        let load = noLoad;
        for (const [delay, elapsed] of measured) load = observeLoad(load, delay, target, elapsed);
        expect(load.level).toBeGreaterThanOrEqual(0);
        expect(load.level).toBeLessThanOrEqual(2.5);
        expect(load.delay).toBeLessThanOrEqual(4 * target);
      }),
    );
  });
});
