import type { BusFailure } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { ok, refusal } from '@parley/prelude';
import type { Refusal, Result } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import { noOtherMedia } from '../media/media-leg.ts';
import type { Invitation } from '../room/invitation.ts';
import { completeJoin, planJoin, repeatedJoin } from '../room/join.ts';
import type { PlannedJoin } from '../room/join.ts';
import { joinedByCopy, sharedByCopies } from '../room/merged.ts';
import { switchLost } from '../room/sessions.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { withWarning } from '../sip/sip-refusal.ts';
import { countCalls } from './counting-calls.ts';
import { gather } from './gathering.ts';
import { inviteGuests } from './inviting-guests.ts';
import { openWithOthers, outcomesOf } from './opening.ts';
import { refusing } from './refusing.ts';
import type { RoomNews, SessionsOutcome } from './room-messages.ts';
import { commit } from './room-state.ts';
import type { RoomDesk, RoomSurroundings } from './room-state.ts';
import { takeCopy } from './taking-copies.ts';

/** Begins a join: the policy and the offer are looked at now, the rest when a switch has answered. */
export function beginJoin(desk: RoomDesk, invitation: Invitation): void {
  const { around, context, state } = desk;
  const { room } = state.stored;
  const { commandId } = invitation;
  const repeated = repeatedJoin(room, invitation);
  if (repeated !== undefined) {
    context.reply(replyMessage(repeated.answer));
    inviteGuests(desk, commandId, repeated);
    return;
  }
  const copies = sharedByCopies(invitation);
  const waiting = state.joins.get(copies);
  if (waiting?.plan.invitation.commandId === commandId) {
    waiting.replies.push(context.deferReply());
    return;
  }
  const surroundings = around.surroundings();
  const first = waiting?.plan.invitation ?? joinedByCopy(room, invitation, surroundings.now);
  if (first !== undefined) {
    takeCopy(desk, invitation, first.reach);
    return;
  }
  const plan = planJoin(room, invitation, state.joins.size, surroundings);
  if (!plan.ok) {
    context.reply(refusing(desk, invitation, plan.error));
    return;
  }
  state.joins.set(copies, { plan: plan.value, replies: [context.deferReply()] });
  askForSessions(desk, plan.value);
}

/** Goes on with a join when its switch has answered. */
export async function finishJoin(
  desk: RoomDesk,
  { plan, asked, outcome, others }: Extract<RoomNews, { kind: 'JoinAnswered' }>,
): Promise<void> {
  const { around, state } = desk;
  const opened = sessionsIn(outcome);
  if (opened.ok) {
    // The participant's record remembers the command that brought it in; the log of the room need not.
    gather(desk, {
      decide: (room) => completeJoin(room, state.uri, plan, opened.value, around.surroundings(), others),
      reply: (reply) => {
        endJoin(desk, plan, reply);
        inviteGuests(desk, plan.invitation.commandId, plan);
        askForQueued(desk, asked);
      },
    });
  } else if (asked !== undefined && isGone(opened.error)) {
    await commit(desk, switchLost(state.stored.room, asked, around.surroundings().now));
    askForSessions(desk, plan);
  } else {
    endJoin(desk, plan, refusing(desk, plan.invitation, refusalOf(opened.error)));
    askForQueued(desk, asked);
  }
}

/** What a switch said, or that nobody could ask it. */
export function sessionsIn(outcome: SessionsOutcome): Extract<SessionsOutcome, { ok: true }>['value'] {
  return outcome.ok ? outcome.value : { ok: false, error: amiss };
}

/** No switch, or none that answers: another try may find one (RFC 3261 §21.5.4). */
export function refusalOf(error: BusFailure | Refusal): SipRefusal {
  if (error.kind === 'TransportFailure') {
    return withWarning(refusal(503, 'Service Unavailable', 'no MSRP switch answers', 5));
  }
  const { status, message, retryAfter } = error;
  const later = retryAfter === 0 ? undefined : retryAfter;
  return withWarning(refusal(status >= 400 && status < 700 ? status : 500, error.phrase, message, later));
}

/** The first join of a room goes to any switch, and the others wait for it, so that a room begins in one place. */
function askForSessions({ around, context, state }: RoomDesk, plan: PlannedJoin): void {
  const near = [...state.watched];
  const [asked] = near;
  if (asked === undefined && state.searching) {
    state.queued.push(plan);
    return;
  }
  if (asked === undefined) state.searching = true;
  const { reach } = plan.invitation;
  const offer = plan.offer?.session;
  const wish = { room: state.uri, server: plan.policy.mediaServer, edgeInstance: reach.edgeInstance, offer };
  const opening = mayCallGuests(around, state.uri, plan).then((granted) =>
    granted.ok ? openWithOthers(around, plan.wishes, near, wish) : { sessions: granted, others: noOtherMedia },
  );
  context.whenSettled(opening, (settled) => ({
    kind: 'JoinAnswered',
    plan,
    asked,
    ...outcomesOf(settled),
  }));
}

function mayCallGuests(
  around: RoomSurroundings,
  room: string,
  { invitation, guests }: PlannedJoin,
): Promise<Result<void, Refusal>> {
  const calls = guests.called.length;
  if (calls === 0) return Promise.resolve(ok(undefined));
  return countCalls(around, { caller: invitation.identity, room, commandId: invitation.commandId, calls });
}

/** Those who waited for the first join may go on. @param asked - the switch that the join before them asked */
function askForQueued(desk: RoomDesk, asked: string | undefined): void {
  if (asked === undefined) desk.state.searching = false;
  for (const plan of desk.state.queued.splice(0)) askForSessions(desk, plan);
}

/** Tells all who wait for the outcome of a join. */
function endJoin({ state }: RoomDesk, { invitation }: PlannedJoin, reply: focus.FocusReply): void {
  const copies = sharedByCopies(invitation);
  for (const each of state.joins.get(copies)?.replies ?? []) each(reply);
  state.joins.delete(copies);
}

const amiss = refusal(500, 'Server Internal Error', 'no session could be asked for');

function isGone(error: BusFailure | Refusal): boolean {
  return error.kind === 'TransportFailure' && error.reason === 'no-responder';
}
