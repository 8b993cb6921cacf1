import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery, DeliveryEffect, DeliveryInput } from '../../src/subscription/delivery.ts';
import { stepDelivery } from '../../src/subscription/delivery.ts';

function run(...inputs: readonly DeliveryInput[]): readonly [Delivery, readonly DeliveryEffect[]] {
  return inputs.reduce<readonly [Delivery, readonly DeliveryEffect[]]>(
    ([state, effects], input) => {
      const [next, more] = stepDelivery(state, input);
      return [next, [...effects, ...more]];
    },
    [{ state: 'Quiet' }, []],
  );
}

const news: DeliveryInput = { kind: 'News' };
const taken: DeliveryInput = { kind: 'Settled', outcome: 'taken' };
const over: DeliveryInput = { kind: 'Settled', outcome: 'over' };
const failed: DeliveryInput = { kind: 'Settled', outcome: 'failed' };
const send: DeliveryEffect = { kind: 'Send', end: undefined };

describe('the news of a subscription', () => {
  it('goes at once when none is on its way', () => {
    expect(run(news)).toEqual([{ state: 'Sending', then: 'nothing' }, [send]]);
    expect(run(news, taken)).toEqual([{ state: 'Quiet' }, [send]]);
  });

  it('that comes meanwhile waits until what is on its way has been taken', () => {
    expect(run(news, news, news, news)).toEqual([{ state: 'Sending', then: 'nothing' }, [send]]);
    expect(run(news, news, taken, news)).toEqual([{ state: 'Sending', then: 'nothing' }, [send, send]]);
  });

  it('MUST end with a NOTIFY that was answered 481, and SHOULD with one that timed out (RFC 6665 §4.2.2)', () => {
    expect(run(news, over)).toEqual([{ state: 'Ended' }, [send, { kind: 'Remove' }]]);
    expect(run(news, news, over)[0]).toEqual({ state: 'Ended' });
  });

  it('has a last word, after what is on its way, and is removed whatever becomes of that', () => {
    const last: DeliveryEffect = { kind: 'Send', end: 'timeout' };
    const end: DeliveryInput = { kind: 'End', reason: 'timeout' };
    expect(run(end)).toEqual([{ state: 'Ending' }, [last]]);
    expect(run(news, end, news, taken)).toEqual([{ state: 'Ending' }, [send, last]]);
    for (const settled of [taken, over, failed]) {
      expect(run(end, settled)).toEqual([{ state: 'Ended' }, [last, { kind: 'Remove' }]]);
    }
  });

  it('ends for the first reason', () => {
    const [, effects] = run(news, { kind: 'End', reason: 'noresource' }, { kind: 'End', reason: 'timeout' }, taken);
    expect(effects.at(-1)).toEqual({ kind: 'Send', end: 'noresource' });
  });

  it('is tried again later when NATS was away', () => {
    expect(run(news, failed)).toEqual([{ state: 'Quiet' }, [send, { kind: 'Retry' }]]);
  });

  it('never has two NOTIFYs on their way, and nothing comes after the end (property)', () => {
    const input = fc.constantFrom<DeliveryInput>(news, taken, over, failed, { kind: 'End', reason: 'timeout' });
    fc.assert(
      fc.property(fc.array(input), (inputs) => {
        let state: Delivery = { state: 'Quiet' };
        let inFlight = 0;
        let removed = 0;
        for (const next of inputs) {
          if (next.kind === 'Settled') {
            if (inFlight === 0) continue;
            inFlight--;
          }
          const [after, effects] = stepDelivery(state, next);
          state = after;
          for (const effect of effects) {
            expect(removed).toBe(0);
            if (effect.kind === 'Send') inFlight++;
            if (effect.kind === 'Remove') removed++;
          }
          expect(inFlight).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
