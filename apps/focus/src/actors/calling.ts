import { recallCommand, recordCommand } from '@parley/actor';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import { completeCall, planCall, tooLate } from '../room/call-out.ts';
import type { Decision } from '../room/decision.ts';
import { done, refused, unchanged } from '../room/decision.ts';
import { mostGuests } from '../room/guests.ts';
import type { Invitation } from '../room/invitation.ts';
import type { Newcomer } from '../room/join.ts';
import { tagLength } from '../room/join.ts';
import { merged, sharedByCopies } from '../room/merged.ts';
import { switchesOf } from '../room/leave.ts';
import type { Participant } from '../room/participant.ts';
import { expel, identityOf } from '../room/persons.ts';
import type { Progress, Referral, ReferSubscription } from '../room/referral.ts';
import { acceptReferral, notifyReferrer, planReferral } from '../room/referral.ts';
import { isCreator } from '../room/standing.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { refuse, sipRefusal, withWarning } from '../sip/sip-refusal.ts';
import { isHere } from '../room/room.ts';
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
  const called = call(desk, uri.includes('@') ? uri : `sip:${uri}@${domain}`, '', undefined);
  if (!called.ok) return unchanged(room, refused(called.error));
  state.invited = recordCommand(state.invited, commandId, done);
  return unchanged(room, done);
}

/**
 * A REFER to the room: the 202, what was asked for, and NOTIFYs of what becomes of it.
 *
 * @param caller - in whose dialog it came; undefined: outside of dialogs
 * @spec RFC 3515 §2.4, RFC 4579 §5.5
 */
export async function takeReferral(
  desk: RoomDesk,
  caller: Participant | undefined,
  invitation: Invitation,
): Promise<void> {
  const { around, context, state } = desk;
  const before = recallCommand(state.invited, invitation.commandId);
  if (before !== undefined) {
    context.reply(replyMessage(before.outcome));
    return;
  }
  const surroundings = around.surroundings();
  const { room } = state.stored;
  const copies = caller === undefined ? sharedByCopies(invitation) : '';
  const isMerged = copies !== '' && recallCommand(state.invited, copies) !== undefined;
  const planned = isMerged ? err(merged) : planReferral(room, caller, invitation);
  const plan =
    planned.ok && planned.value.method === 'INVITE' ? withinQuota(desk, planned.value.referrer, 1, planned) : planned;
  const accepted = plan.ok && room !== undefined ? acceptReferral(room, caller, invitation, surroundings) : undefined;
  if (!plan.ok || accepted?.ok !== true) {
    const why = !plan.ok ? plan.error : accepted?.ok === false ? accepted.error : sipRefusal(404, 'no such room');
    const response = refuse(invitation.request, why, randomToken(surroundings.random, tagLength));
    context.reply(replyMessage({ kind: 'sip', response }));
    return;
  }
  const { decision, subscription } = accepted.value;
  for (const id of [invitation.commandId, copies])
    if (id !== '') state.invited = recordCommand(state.invited, id, decision.answer);
  await commit(desk, decision, '', (reply) => {
    context.reply(reply);
  });
  await carryOut(desk, { ...plan.value, subscription });
}

/** What became of a call: who took it is in the room, and who asked for it hears so. */
export async function callEnded(
  desk: RoomDesk,
  { plan, subscription, outcome }: Extract<RoomNews, { kind: 'CallEnded' }>,
): Promise<void> {
  const { around, state } = desk;
  const { room } = state.stored;
  state.calls.delete(plan.participant);
  if (!outcome.ok || outcome.value.kind === 'failed') {
    const { status, phrase, effects } = outcome.ok && outcome.value.kind === 'failed' ? outcome.value : fault;
    around.events.callFailed(state.uri, status);
    await commit(desk, { room, answer: done, effects });
    await report(desk, subscription, { status, phrase });
    return;
  }
  const { opened, call: answered } = outcome.value;
  await commit(desk, completeCall(room, plan, opened, answered, around.surroundings()));
  const isIn = state.stored.room?.participants.has(plan.participant) === true;
  await report(desk, subscription, isIn ? success : { status: 488, phrase: 'Not Acceptable Here' });
}

async function carryOut(
  desk: RoomDesk,
  { target, method, referrer, referredBy, subscription }: Referral,
): Promise<void> {
  if (method === 'BYE') {
    await remove(desk, target, referrer, subscription);
    return;
  }
  const trying = await report(desk, subscription, { status: 100, phrase: 'Trying' });
  const called = call(desk, target, referredBy, trying);
  if (!called.ok) await report(desk, trying, called.error);
}

/** Has somebody leave: everybody may leave, and the creator may send away. @spec RFC 4579 §5.11 */
async function remove(
  desk: RoomDesk,
  target: string,
  referrer: string,
  subscription: ReferSubscription | undefined,
): Promise<void> {
  const surroundings = desk.around.surroundings();
  const { room } = desk.state.stored;
  const isAllowed =
    room !== undefined && (isCreator(room, referrer) || identityOf(room, target, surroundings.domain) === referrer);
  const decision = isAllowed ? expel(room, target, surroundings) : unchanged(room, refused(mayNotRemove));
  // Told before it is done: who removes itself could not be told behind it.
  const { answer } = decision;
  await report(desk, subscription, answer.kind === 'refused' ? answer.refusal : success);
  if (answer.kind !== 'refused') await commit(desk, expel(desk.state.stored.room, target, surroundings));
}

/**
 * Those whom a newcomer named in its INVITE are called as soon as it is in, once for its command; who is there already, or is
 * being called, is left alone, and who cannot be called is counted.
 *
 * @spec RFC 5366 §5
 */
export function inviteGuests(desk: RoomDesk, commandId: string, { participant, guests }: Newcomer): void {
  const { state } = desk;
  const { room } = state.stored;
  const inviter = room?.participants.get(participant);
  if (room === undefined || inviter === undefined || guests.called.length === 0) return;
  if (recallCommand(state.invited, commandId) !== undefined) return;
  state.invited = recordCommand(state.invited, commandId, done);
  // Where members are hidden, so is who may become one.
  const history = room.policy.hideMembers ? undefined : guests.history;
  const ringing = new Set(state.calls.values());
  for (const guest of guests.called) {
    if (ringing.has(guest) || isHere(room, guest)) continue;
    const called = call(desk, guest, inviter.uri, undefined, history);
    if (!called.ok) desk.around.events.callFailed(desk.state.uri, called.error.status);
  }
}

/** What is to be done, unless it means too many calls for one user. */
export function withinQuota<Plan>(
  { around }: RoomDesk,
  caller: string,
  calls: number,
  plan: Result<Plan, SipRefusal>,
): Result<Plan, SipRefusal> {
  const wait = around.quota.take(caller, calls, around.clock.now());
  return wait === 0 ? plan : err(withWarning({ ...tooManyCalls, retryAfter: wait }));
}

function call(
  desk: RoomDesk,
  target: string,
  referrer: string,
  subscription: ReferSubscription | undefined,
  history?: Uint8Array,
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

async function report(
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

const success: Progress = { status: 200, phrase: 'OK' };
const fault = { status: 500, phrase: 'Server Internal Error', effects: [] } as const;
const mayNotRemove: Refusal = {
  kind: 'Refusal',
  status: 403,
  phrase: 'Forbidden',
  message: 'only its creator removes',
};
const tooManyCalls = refusal(503, 'Service Unavailable', 'too many calls at a time');
