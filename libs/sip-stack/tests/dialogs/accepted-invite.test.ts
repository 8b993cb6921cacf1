import { describe, expect, it } from 'vitest';
import { acceptInvite, defaultTimers, stepAcceptedInvite } from '../../src/index.ts';
import type { AcceptedInvite } from '../../src/index.ts';

/** Runs the machine until it asks for nothing more; the ACK comes at `ackAt`. */
function run(ackAt: number): { readonly sent: number[]; readonly end: string; readonly bye: boolean } {
  const sent: number[] = [];
  let bye = false;
  let state: AcceptedInvite;
  let wake: number | undefined = 1000;
  [state] = acceptInvite(0, defaultTimers);
  wake = state.state === 'Unacknowledged' ? state.nextAt : undefined;
  while (wake !== undefined) {
    const now: number = Math.min(wake, ackAt);
    wake = undefined;
    const input = now === ackAt ? ({ kind: 'Ack' } as const) : ({ kind: 'Time', now } as const);
    const [next, effects] = stepAcceptedInvite(state, input, defaultTimers);
    state = next;
    for (const effect of effects) {
      if (effect.kind === 'SendResponse') sent.push(now);
      else if (effect.kind === 'Wake') wake = effect.at;
      else bye = true;
    }
  }
  return { sent, end: state.state, bye };
}

describe('2xx of a UAS (RFC 3261 §13.3.1.4)', () => {
  it('is sent again at T1, doubling up to T2, until the ACK', () => {
    expect(run(8000)).toEqual({ sent: [500, 1500, 3500, 7500], end: 'Acknowledged', bye: false });
  });

  it('ends the session by BYE after 64*T1 without an ACK', () => {
    const { sent, end, bye } = run(Infinity);
    expect([sent.at(-1), sent.length, end, bye]).toEqual([31_500, 10, 'Unanswered', true]);
  });

  it('does nothing more once it is acknowledged', () => {
    const [state] = stepAcceptedInvite(acceptInvite(0, defaultTimers)[0], { kind: 'Ack' }, defaultTimers);
    expect(stepAcceptedInvite(state, { kind: 'Time', now: 500 }, defaultTimers)).toEqual([state, []]);
  });
});
