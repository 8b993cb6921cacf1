import { replyMessage } from '../adapters/answer-message.ts';
import { isMsrp } from '../media/msrp-media.ts';
import type { Invitation } from '../room/invitation.ts';
import { switchesOf } from '../room/leave.ts';
import { completeChange, planChange } from '../room/renegotiate.ts';
import type { Caller } from '../room/within-dialog.ts';
import { refusing } from '../room/within-dialog.ts';
import { refuse, sipRefusal } from '../sip/sip-refusal.ts';
import { refusalOf, sessionsIn } from './joining.ts';
import { concernsServer } from './media-legs.ts';
import { openWithOthers, outcomesOf } from './opening.ts';
import type { RoomNews } from './room-messages.ts';
import type { RoomDesk } from './room-state.ts';
import { commit } from './room-state.ts';

/** A re-INVITE or UPDATE: granted at once, unless streams of it need sessions. @spec RFC 3261 §14.2 */
export async function beginChange(
  desk: RoomDesk,
  { room, participant }: Caller,
  invitation: Invitation,
): Promise<void> {
  const { around, context, state } = desk;
  const { request, commandId } = invitation;
  const waiting = state.changes.get(participant.id);
  if (waiting !== undefined) {
    if (waiting.commandId === commandId) waiting.replies.push(context.deferReply());
    else context.reply(replyMessage(refusing(room, request, tooSoon).answer));
    return;
  }
  const plan = planChange(room, participant, invitation, around.surroundings());
  if (!plan.ok) {
    context.reply(replyMessage(refusing(room, request, plan.error).answer));
    return;
  }
  const { media, leg, reach } = participant;
  const server = room.policy.mediaServer;
  const offer = plan.value.offer?.session;
  const wish = { room: state.uri, server, edgeInstance: leg?.edgeInstance ?? reach.edgeInstance, offer };
  const before = isMsrp(media) ? { leg, theirs: media.remoteSdp, ours: media.localSdp } : undefined;
  if (plan.value.wishes.length === 0 && !concernsServer(wish, before)) {
    await commit(
      desk,
      completeChange(room, plan.value, new Map(), { leg, lines: new Map() }, around.surroundings()),
      '',
      (reply) => {
        context.reply(reply);
      },
    );
    return;
  }
  state.changes.set(participant.id, { commandId, replies: [context.deferReply()] });
  const opening = openWithOthers(around, plan.value.wishes, switchesOf(room), wish, before);
  context.whenSettled(opening, (settled) => ({ kind: 'ChangeAnswered', plan: plan.value, ...outcomesOf(settled) }));
}

/** Grants the change when its streams have sessions; without them everything stays as it was. */
export async function finishChange(
  desk: RoomDesk,
  { plan, outcome, others }: Extract<RoomNews, { kind: 'ChangeAnswered' }>,
): Promise<void> {
  const { around, state } = desk;
  const replies = state.changes.get(plan.participant)?.replies ?? [];
  state.changes.delete(plan.participant);
  const opened = sessionsIn(outcome);
  if (!opened.ok) {
    const response = refuse(plan.invitation.request, refusalOf(opened.error));
    for (const each of replies) each(replyMessage({ kind: 'sip', response }));
    return;
  }
  await commit(
    desk,
    completeChange(state.stored.room, plan, opened.value, others, around.surroundings()),
    '',
    (reply) => {
      for (const each of replies) each(reply);
    },
  );
}

/** The change before it is not done yet. @spec RFC 3261 §14.2 */
const tooSoon = sipRefusal(500, 'another offer is being looked at', [['Retry-After', '2']]);
