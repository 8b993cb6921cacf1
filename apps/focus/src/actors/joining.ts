import type { BusFailure } from '@parley/bus';
import { randomToken, refusal } from '@parley/prelude';
import type { Refusal } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import type { Invitation } from '../room/invitation.ts';
import { completeJoin, planJoin, refusedJoin, repeatedJoin } from '../room/join.ts';
import type { PlannedJoin } from '../room/join.ts';
import { switchesOf } from '../room/leave.ts';
import { switchLost } from '../room/sessions.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { withWarning } from '../sip/sip-refusal.ts';
import type { RoomNews } from './room-messages.ts';
import { commit } from './room-state.ts';
import type { RoomActorState, RoomContext, RoomSurroundings } from './room-state.ts';

/** Begins a join: the policy and the offer are looked at now, the rest when a switch has answered. */
export function beginJoin(
  around: RoomSurroundings,
  context: RoomContext,
  state: RoomActorState,
  invitation: Invitation,
): void {
  const { room } = state.stored;
  const { commandId } = invitation;
  const repeated = repeatedJoin(room, invitation);
  if (repeated !== undefined) {
    context.reply(replyMessage(repeated.answer));
    return;
  }
  const waiting = state.joins.get(commandId);
  if (waiting !== undefined) {
    waiting.replies.push(context.deferReply());
    return;
  }
  const surroundings = around.surroundings();
  const plan = planJoin(room, invitation, state.joins.size, surroundings);
  if (!plan.ok) {
    around.events.inviteRefused(state.uri, plan.error);
    const { answer } = refusedJoin(room, invitation, plan.error, randomToken(surroundings.random, 26));
    context.reply(replyMessage(answer));
    return;
  }
  state.joins.set(commandId, { plan: plan.value, replies: [context.deferReply()] });
  askForSession(around, context, state, plan.value);
}

/** Goes on with a join when its switch has answered. */
export async function finishJoin(
  around: RoomSurroundings,
  context: RoomContext,
  state: RoomActorState,
  { plan, asked, outcome }: Extract<RoomNews, { kind: 'SessionAnswered' }>,
): Promise<void> {
  if (asked === undefined) state.searching = false;
  const opened = outcome.ok ? outcome.value : { ok: false as const, error: amiss };
  if (opened.ok) {
    const decision = completeJoin(state.stored.room, state.uri, plan, opened.value, around.surroundings());
    // The participant's record remembers the command that brought it in; the log of the room need not.
    await commit(around, state, decision, '', (reply) => {
      for (const each of state.joins.get(plan.invitation.commandId)?.replies ?? []) each(reply);
    });
    state.joins.delete(plan.invitation.commandId);
  } else if (asked !== undefined && isGone(opened.error)) {
    await commit(around, state, switchLost(state.stored.room, asked), '', () => {});
    askForSession(around, context, state, plan);
    return;
  } else refuseJoin(around, state, plan, refusalOf(opened.error));
  askForQueued(around, context, state);
}

/** The first join of a room goes to any switch, and the others wait for it, so that a room begins in one place. */
function askForSession(around: RoomSurroundings, context: RoomContext, state: RoomActorState, plan: PlannedJoin): void {
  const { room } = state.stored;
  const asked = room === undefined ? undefined : switchesOf(room)[0];
  if (asked === undefined && state.searching) {
    state.queued.push(plan.invitation.commandId);
    return;
  }
  if (asked === undefined) state.searching = true;
  context.whenSettled(around.switches.open(state.uri, plan, asked), (outcome) => ({
    kind: 'SessionAnswered',
    plan,
    asked,
    outcome,
  }));
}

function askForQueued(around: RoomSurroundings, context: RoomContext, state: RoomActorState): void {
  for (const commandId of state.queued.splice(0)) {
    const join = state.joins.get(commandId);
    if (join !== undefined) askForSession(around, context, state, join.plan);
  }
}

function refuseJoin(around: RoomSurroundings, state: RoomActorState, plan: PlannedJoin, why: SipRefusal): void {
  const { invitation } = plan;
  around.events.inviteRefused(state.uri, why);
  const { answer } = refusedJoin(state.stored.room, invitation, why, randomToken(around.surroundings().random, 26));
  for (const each of state.joins.get(invitation.commandId)?.replies ?? []) each(replyMessage(answer));
  state.joins.delete(invitation.commandId);
}

const amiss = refusal(500, 'Server Internal Error', 'no session could be asked for');

function isGone(error: BusFailure | Refusal): boolean {
  return error.kind === 'TransportFailure' && error.reason === 'no-responder';
}

/** No switch, or none that answers: another try may find one (RFC 3261 §21.5.4). */
function refusalOf(error: BusFailure | Refusal): SipRefusal {
  if (error.kind === 'TransportFailure') {
    return withWarning(refusal(503, 'Service Unavailable', 'no MSRP switch answers', 5));
  }
  const { status, message, retryAfter } = error;
  const later = retryAfter === 0 ? undefined : retryAfter;
  return withWarning(refusal(status >= 400 && status < 700 ? status : 500, error.phrase, message, later));
}
