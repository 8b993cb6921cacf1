import { describe, expect, it } from 'vitest';
import { restartThenStop, supervise } from '../../src/index.ts';
import type { Directive, RestartHistory } from '../../src/index.ts';

function crashes(times: readonly number[]): (readonly [Directive, number])[] {
  let history: RestartHistory = [];
  return times.map((now) => {
    const [next, { directive, delay }] = supervise(restartThenStop, history, new Error('crash'), now);
    history = next;
    return [directive, delay] as const;
  });
}

describe('supervision', () => {
  it('restarts the first time at once, then after growing pauses, and stops what does not get well', () => {
    expect(crashes([0, 1, 2, 3, 4, 5])).toEqual([
      ['restart', 0],
      ['restart', 100],
      ['restart', 200],
      ['restart', 400],
      ['restart', 800],
      ['stop', 0],
    ]);
  });

  it('forgets restarts that lie a window back', () => {
    expect(crashes([0, 30_000, 60_000, 90_001])).toEqual([
      ['restart', 0],
      ['restart', 100],
      ['restart', 100],
      ['restart', 100],
    ]);
  });

  it('leaves the choice to the rules', () => {
    const rules = {
      ...restartThenStop,
      decide: (error: unknown) => (error === 'small' ? 'resume' : 'escalate'),
    } as const;
    expect(supervise(rules, [], 'small', 0)[1].directive).toBe('resume');
    expect(supervise(rules, [], 'large', 0)[1].directive).toBe('escalate');
  });
});
