import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, step } from '../../../src/launcher/supervision/lifecycle.ts';
import type { Lifecycle, LifecycleEffect, LifecycleInput } from '../../../src/launcher/supervision/lifecycle.ts';
import { servicePolicy } from '../../../src/launcher/supervision/restart-policy.ts';

const policy = servicePolicy(5_000);

function play(...inputs: readonly LifecycleInput[]): readonly [Lifecycle, readonly LifecycleEffect[]] {
  return inputs.reduce(([state], input) => step(state, input, policy), begin(policy));
}

const ready = (now: number): LifecycleInput => ({ kind: 'ready', now });
const exited = (now: number): LifecycleInput => ({ kind: 'exited', now, how: 'exit code 1' });
const timer: LifecycleInput = { kind: 'timer' };
const stop: LifecycleInput = { kind: 'stop' };

describe('a supervised process, starting', () => {
  it('fails for good when it ends before it was ever ready', () => {
    const [state, effects] = play(exited(10));
    expect(state).toEqual({ kind: 'stopped' });
    expect(effects).toContainEqual({ kind: 'tell-failed', how: 'exit code 1' });
  });

  it('is killed when it does not tell that it is ready in time', () => {
    expect(play(timer)[1]).toEqual([{ kind: 'kill' }]);
  });

  it('has two minutes, since a busy machine takes half of one to load five services', () => {
    expect(begin(policy)[1]).toContainEqual({ kind: 'arm', ms: 120_000 });
  });

  it('is tried again when it fails later on', () => {
    const [state] = play(ready(0), exited(1), timer, exited(2));
    expect(state).toEqual({ kind: 'waiting', failures: 2 });
  });
});

describe('a supervised process, running', () => {
  it('is started again after a short pause when it ends', () => {
    const [state, effects] = play(ready(0), exited(1));
    expect(state).toEqual({ kind: 'waiting', failures: 1 });
    expect(effects).toContainEqual({ kind: 'arm', ms: 200 });
    expect(play(ready(0), exited(1), timer)[1]).toContainEqual({ kind: 'spawn' });
  });

  it('has its earlier failures forgotten once it ran long enough', () => {
    const late = play(ready(0), exited(1), timer, ready(2), exited(2 + policy.stable));
    expect(late[1]).toContainEqual({ kind: 'arm', ms: 200 });
    const soon = play(ready(0), exited(1), timer, ready(2), exited(1 + policy.stable));
    expect(soon[1]).toContainEqual({ kind: 'arm', ms: 400 });
  });

  it('is asked to end, and killed when it has not drained in time', () => {
    const [state, effects] = play(ready(0), stop);
    expect(state).toEqual({ kind: 'stopping' });
    expect(effects).toEqual([{ kind: 'terminate' }, { kind: 'arm', ms: 7_000 }]);
    expect(play(ready(0), stop, timer)[1]).toEqual([{ kind: 'kill' }]);
  });
});

describe('a supervised process, waiting', () => {
  it('is not started again when it is stopped', () => {
    const [state, effects] = play(ready(0), exited(1), stop);
    expect(state).toEqual({ kind: 'stopped' });
    expect(effects).toEqual([{ kind: 'disarm' }, { kind: 'tell-stopped' }]);
  });
});

const anyInput = fc.oneof(
  fc.nat(100_000).map(ready),
  fc.nat(100_000).map(exited),
  fc.constant(timer),
  fc.constant(stop),
);

describe('a supervised process, whatever happens', () => {
  it('is back within ten seconds of its end, and never in a hot loop', () => {
    fc.assert(
      fc.property(fc.array(anyInput), (inputs) => {
        let [state] = begin(policy);
        for (const input of inputs) {
          const [next, effects] = step(state, input, policy);
          if (next.kind === 'waiting' && state.kind !== 'waiting') {
            const pause = effects.find((effect) => effect.kind === 'arm');
            expect(pause?.ms).toBeGreaterThanOrEqual(200);
            expect(pause?.ms).toBeLessThanOrEqual(5_000);
          }
          state = next;
        }
      }),
    );
  });

  it('never runs twice at a time, nor after it was stopped', () => {
    fc.assert(
      fc.property(fc.array(anyInput), (inputs) => {
        let [state] = begin(policy);
        let alive = true;
        let stopped = false;
        for (const input of inputs) {
          if (input.kind === 'exited' && !alive) continue;
          if (input.kind === 'exited') alive = false;
          const [next, effects] = step(state, input, policy);
          for (const effect of effects) {
            if (effect.kind !== 'spawn') continue;
            expect([alive, stopped]).toEqual([false, false]);
            alive = true;
          }
          stopped ||= input.kind === 'stop';
          state = next;
        }
      }),
    );
  });
});
