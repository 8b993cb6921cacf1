import { recallCommand, recordCommand } from '@parley/actor';
import { err, randomToken, refusal } from '@parley/prelude';
import { replyMessage } from '../adapters/answer-message.ts';
import { refused, unchanged } from '../room/decision.ts';
import type { Invitation } from '../room/invitation.ts';
import { tagLength } from '../room/join.ts';
import { merged, sharedByCopies } from '../room/merged.ts';
import type { Participant } from '../room/participant.ts';
import { expel, identityOf } from '../room/persons.ts';
import type { Referral, ReferSubscription } from '../room/referral.ts';
import { acceptReferral, planReferral } from '../room/referral.ts';
import { isCreator } from '../room/standing.ts';
import { refuse, sipRefusal } from '../sip/sip-refusal.ts';
import { call, report, success } from './calling.ts';
import type { RoomDesk } from './room-state.ts';
import { commit } from './room-state.ts';

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
  const plan = isMerged ? err(merged) : planReferral(room, caller, invitation);
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
  await carryOut(desk, { ...plan.value, subscription }, invitation.commandId);
}

async function carryOut(
  desk: RoomDesk,
  { target, method, referrer, referredBy, subscription }: Referral,
  commandId: string,
): Promise<void> {
  if (method === 'BYE') {
    await remove(desk, target, referrer, subscription);
    return;
  }
  const trying = await report(desk, subscription, { status: 100, phrase: 'Trying' });
  const caused = { caller: referrer, room: desk.state.uri, commandId, calls: 1 };
  const called = call(desk, target, { referrer: referredBy, subscription: trying, caused });
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

const mayNotRemove = refusal(403, 'Forbidden', 'only its creator removes');
