import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Composer, ComposerEffect, ComposerInput, ComposerRules, IsComposing } from '../src/index.ts';
import { composerTable, defaultComposerRules, newComposer, stepComposer } from '../src/index.ts';

const composing = (now: number): ComposerInput => ({ kind: 'Composing', now });
const fired = (now: number): ComposerInput => ({ kind: 'TimerFired', now });
const sent: ComposerInput = { kind: 'ContentSent' };
const send = (message: IsComposing): ComposerEffect => ({ kind: 'Send', message });
const arm = (at: number): ComposerEffect => ({ kind: 'ArmTimer', at });

/** The last step of several, from the beginning. */
function run(inputs: readonly ComposerInput[], rules: ComposerRules = defaultComposerRules) {
  return inputs.reduce<readonly [Composer, readonly ComposerEffect[]]>(
    ([state], input) => stepComposer(state, input, rules),
    [newComposer, []],
  );
}

describe('a message composer (RFC 3994 §3.2, figure 1)', () => {
  it('sends "active" with its refresh when the user starts', () => {
    expect(run([composing(0)])[1]).toEqual([send({ state: 'active', refresh: 60 }), arm(15_000)]);
  });

  it('stays active as long as the user goes on, and says nothing', () => {
    expect(run([composing(0), composing(14_000)])[1]).toEqual([]);
    expect(run([composing(0), composing(14_000), fired(15_000)])[1]).toEqual([arm(29_000)]);
  });

  it('sends "idle" after 15 s without activity, and "active" when the user starts again', () => {
    expect(run([composing(0), fired(15_000)])).toEqual([{ kind: 'idle' }, [send({ state: 'idle' })]]);
    expect(run([composing(0), fired(15_000), composing(16_000)])[1][0]).toEqual(send({ state: 'active', refresh: 60 }));
  });

  it('needs no "idle" when the content message is sent first', () => {
    expect(run([composing(0), sent])).toEqual([{ kind: 'idle' }, [{ kind: 'CancelTimer' }]]);
  });

  it('repeats "active" after each refresh interval while the user goes on', () => {
    expect(run([composing(0), composing(59_000), fired(60_000)])).toEqual([
      { kind: 'active', lastActivity: 59_000, sentAt: 60_000 },
      [send({ state: 'active', refresh: 60 }), arm(74_000)],
    ]);
  });

  it('MAY send no refresh at all, and then says so by naming none', () => {
    const rules = { refresh: undefined, idleTimeout: 15_000, contentType: 'text/plain' };
    expect(run([composing(0)], rules)[1]).toEqual([send({ state: 'active', contentType: 'text/plain' }), arm(15_000)]);
    expect(run([composing(0), composing(99_000), fired(100_000)], rules)[1]).toEqual([arm(114_000)]);
  });

  it('MUST cease after a 415 (§4)', () => {
    expect(run([composing(0), { kind: 'Unsupported' }])[1]).toEqual([{ kind: 'CancelTimer' }]);
    for (const input of [composing(1), sent, fired(2), { kind: 'Unsupported' } as const]) {
      expect(run([composing(0), { kind: 'Unsupported' }, input])).toEqual([{ kind: 'ceased' }, []]);
    }
  });

  it('does nothing with what comes too late', () => {
    expect(run([fired(0)])).toEqual([{ kind: 'idle' }, []]);
    expect(run([sent])).toEqual([{ kind: 'idle' }, []]);
    expect(run([{ kind: 'Unsupported' }])).toEqual([{ kind: 'ceased' }, []]);
  });

  it('has a cell for every state and input', () => {
    expect(Object.values(composerTable).map((row) => Object.keys(row).length)).toEqual([4, 4, 4]);
  });

  it('never repeats "active" within a refresh interval of one stretch of composing', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('Composing', 'TimerFired'), fc.nat({ max: 30_000 })));
    fc.assert(
      fc.property(steps, (pairs) => {
        let [state, effects]: readonly [Composer, readonly ComposerEffect[]] = [newComposer, []];
        let now = 0;
        let last: number | undefined;
        for (const [kind, pause] of pairs) {
          now += pause;
          [state, effects] = stepComposer(state, { kind, now });
          if (state.kind === 'idle') last = undefined;
          if (!effects.some((effect) => effect.kind === 'Send' && effect.message.state === 'active')) continue;
          expect(now - (last ?? -Infinity)).toBeGreaterThanOrEqual(60_000);
          last = now;
        }
      }),
    );
  });
});
