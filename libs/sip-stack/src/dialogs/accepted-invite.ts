import { assertNever } from '@parley/prelude';
import type { TimerSettings } from '../transactions/timers.ts';

/**
 * The 2xx of a UAS until its ACK comes: over every transport it is sent again, since hops behind the first may be UDP.
 *
 * @spec RFC 3261 §13.3.1.4
 */
export type AcceptedInvite =
  | {
      readonly state: 'Unacknowledged';
      /** Milliseconds between the last transmission and the next. */
      readonly interval: number;
      /** Monotonic milliseconds of the next transmission, and of the end of our patience. */
      readonly nextAt: number;
      readonly endsAt: number;
    }
  | { readonly state: 'Acknowledged' }
  | { readonly state: 'Unanswered' };

/** What happens to it: an ACK with the number of the INVITE, or time that passes. */
export type AcceptedInviteInput = { readonly kind: 'Ack' } | { readonly kind: 'Time'; readonly now: number };

/** What its owner has to do. */
export type AcceptedInviteEffect =
  /** Pass the 2xx to the INVITE server transaction again. */
  | { readonly kind: 'SendResponse' }
  /** Come back with the time, at `at`. */
  | { readonly kind: 'Wake'; readonly at: number }
  /** The dialog stands, but the session is to end by a BYE. */
  | { readonly kind: 'EndSession' };

type Outcome = readonly [AcceptedInvite, readonly AcceptedInviteEffect[]];

/** The machine at the moment at which the 2xx is sent for the first time. */
export function acceptInvite(now: number, { t1 }: TimerSettings): Outcome {
  const state = { state: 'Unacknowledged', interval: t1, nextAt: now + t1, endsAt: now + 64 * t1 } as const;
  return [state, [{ kind: 'Wake', at: state.nextAt }]];
}

/** One step of the machine; the interval doubles from T1 up to T2, and after 64*T1 it gives up. */
export function stepAcceptedInvite(state: AcceptedInvite, input: AcceptedInviteInput, timers: TimerSettings): Outcome {
  if (state.state !== 'Unacknowledged') return [state, []];
  switch (input.kind) {
    case 'Ack':
      return [{ state: 'Acknowledged' }, []];
    case 'Time':
      return afterTime(state, input.now, timers);
    default:
      return assertNever(input);
  }
}

function afterTime(state: AcceptedInvite & { state: 'Unacknowledged' }, now: number, timers: TimerSettings): Outcome {
  if (now >= state.endsAt) return [{ state: 'Unanswered' }, [{ kind: 'EndSession' }]];
  if (now < state.nextAt) return [state, [{ kind: 'Wake', at: state.nextAt }]];
  const interval = Math.min(state.interval * 2, timers.t2);
  const nextAt = Math.min(now + interval, state.endsAt);
  return [{ ...state, interval, nextAt }, [{ kind: 'SendResponse' }, { kind: 'Wake', at: nextAt }]];
}
