import { recallCommand, recordCommand } from '@parley/actor';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { completeCall, planCall, tooLate } from '../room/call-out.ts';
import type { Decision } from '../room/decision.ts';
import { done, refused, unchanged } from '../room/decision.ts';
import { mostGuests } from '../room/guests.ts';
import { switchesOf } from '../room/leave.ts';
import type { Progress, ReferSubscription } from '../room/referral.ts';
import { notifyReferrer } from '../room/referral.ts';
import { participantsBound } from '../room/sessions.ts';
import type { CausedCalls } from './counting-calls.ts';
import { countCalls } from './counting-calls.ts';
import { perform } from './effects.ts';
import { placeCall } from './place-call.ts';
import type { RoomNews } from './room-messages.ts';
import type { RoomDesk } from './room-state.ts';
import { commit } from './room-state.ts';

/** An operator has somebody called; what becomes of it shows in the roster. */
export function inviteUser(desk: RoomDesk, uri: string, commandId: string): Decision {
  const { state } = desk;
  const { room } = state.stored;
  if (recallCommand(state.invited, commandId) !== undefined) return unchanged(room, done);
  const { domain } = desk.around.surroundings();
  const called = call(desk, uri.includes('@') ? uri : `sip:${uri}@${domain}`, { referrer: '' });
  if (!called.ok) return unchanged(room, refused(called.error));
  state.invited = recordCommand(state.invited, commandId, done);
  return unchanged(room, done);
}

/** What became of a call: who took it is in the room, and who asked for it hears so. */
export async function callEnded(
  desk: RoomDesk,
  { plan, subscription, outcome }: Extract<RoomNews, { kind: 'CallEnded' }>,
): Promise<void> {
  const { around, state } = desk;
  const { room } = state.stored;
  state.calls.delete(plan.participant);
  const early = state.early.get(plan.participant);
  state.early.delete(plan.participant);
  if (!outcome.ok || outcome.value.kind === 'failed') {
    const { status, phrase, effects } = outcome.ok && outcome.value.kind === 'failed' ? outcome.value : fault;
    around.events.callFailed(state.uri, status);
    await commit(desk, { room, answer: done, effects });
    await report(desk, subscription, { status, phrase });
    return;
  }
  const { opened, call: answered } = outcome.value;
  const taken = completeCall(room, plan, opened, answered, around.surroundings());
  const connected = participantsBound(taken.room, early === undefined ? [] : [early]);
  await commit(desk, { ...taken, room: connected.room });
  const isIn = state.stored.room?.participants.has(plan.participant) === true;
  await report(desk, subscription, isIn ? success : { status: 488, phrase: 'Not Acceptable Here' });
}

/** On whose behalf, and how, somebody is called. */
export interface CallTerms {
  /** URI by which the others know who asked; empty: an operator. */
  readonly referrer: string;
  /** Who is told what becomes of it; undefined: nobody. */
  readonly subscription?: ReferSubscription | undefined;
  /** Who else is invited; undefined: that is nobody's business. */
  readonly history?: Uint8Array | undefined;
  /** For whom it still has to be counted; undefined: for nobody. */
  readonly caused?: CausedCalls;
}

/** Calls somebody, unless that may not be; what becomes of it is news. */
export function call(
  desk: RoomDesk,
  target: string,
  { referrer, subscription, history, caused }: CallTerms,
): Result<void, Refusal> {
  const { around, context, state } = desk;
  const surroundings = around.surroundings();
  const { room } = state.stored;
  const allowed = planCall(room, target, referrer, surroundings);
  if (!allowed.ok) return allowed;
  if (state.calls.size >= mostCalls) return err(tooManyCalls);
  const plan = { ...allowed.value, history };
  state.calls.set(plan.participant, plan.callee);
  const placed = placeCall(
    {
      ...around,
      surroundings,
      granted: () => (caused === undefined ? Promise.resolve(ok(undefined)) : countCalls(around, caused)),
      late: (answered) => {
        for (const effect of tooLate(answered)) perform(around, state.uri, effect);
      },
    },
    plan,
    room === undefined ? [] : switchesOf(room),
  );
  context.whenSettled(placed, (outcome) => ({ kind: 'CallEnded', plan, subscription, outcome }));
  return ok(undefined);
}

/** Tells a referrer how far his referral has come. @returns the subscription behind that */
export async function report(
  desk: RoomDesk,
  subscription: ReferSubscription | undefined,
  progress: Progress,
): Promise<ReferSubscription | undefined> {
  if (subscription === undefined) return undefined;
  const [decision, next] = notifyReferrer(desk.state.stored.room, subscription, progress);
  await commit(desk, decision);
  return next;
}

/** Calls of one room that ring at the same time. */
const mostCalls = mostGuests;

/** It was done. */
export const success: Progress = { status: 200, phrase: 'OK' };
const fault = { status: 500, phrase: 'Server Internal Error', effects: [] } as const;
const tooManyCalls = refusal(503, 'Service Unavailable', 'too many calls at a time');
