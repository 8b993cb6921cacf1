import type { Result } from '@parley/prelude';
import { err, ok, randomToken } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import { createUasDialog } from '@parley/sip-stack';
import type { OtherMedia } from '../media/media-leg.ts';
import { noOtherMedia } from '../media/media-leg.ts';
import type { OpenedSessions } from '../media/opened-session.ts';
import { msrpKind } from '../media/msrp-kind.ts';
import type { PlannedInbox } from '../media/participant-kind.ts';
import { checkRequire } from '../sip/check-request.ts';
import { readInviteBody } from '../sip/invite-body.ts';
import { recipientListInvite } from '../sip/recipient-list.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { refuse, sipRefusal, withWarning } from '../sip/sip-refusal.ts';
import { acceptedInvite } from './accepted-invite.ts';
import type { Applicant } from './admission.ts';
import { admit } from './admission.ts';
import type { Answer, Decision, Effect } from './decision.ts';
import { unchanged } from './decision.ts';
import type { Guests } from './guests.ts';
import { guestsIn, nobody } from './guests.ts';
import type { Appearance, Invitation } from './invitation.ts';
import { appearanceOf, passwordIn } from './invitation.ts';
import { laterPolicy, laterTerms } from './later-policy.ts';
import { endLeg } from './leg-end.ts';
import type { Participant } from './participant.ts';
import type { RoomPolicy } from './policy.ts';
import type { RoomUri } from './room-uri.ts';
import type { Room } from './room.ts';
import { newRoom, participantsOf, withParticipant } from './room.ts';
import type { TimerAgreement } from './session-timer.ts';
import { agreeOnTimer } from './session-timer.ts';
import type { Surroundings } from './surroundings.ts';

/** Who comes in, and whom it wants to have called as soon as it is. */
export interface Newcomer {
  readonly participant: string;
  readonly guests: Guests;
}

/** A join that policy and offer allow, and that waits for its sessions at a switch. */
export interface PlannedJoin extends Newcomer, PlannedInbox {
  readonly invitation: Invitation;
  readonly appearance: Appearance;
  /** Held already by another device of the user; empty: none. */
  readonly nickname: string;
  /** Whether there was no room when it asked. */
  readonly isFounding: boolean;
  readonly policy: RoomPolicy;
  readonly agreement: TimerAgreement;
}

/** Characters of tags and ids: five bits each, 130 in all. */
export const tagLength = 26;

/**
 * Whether an INVITE outside of a dialog may become a participant.
 *
 * @param othersJoining - joins that wait for their session
 */
export function planJoin(
  room: Room | undefined,
  invitation: Invitation,
  othersJoining: number,
  surroundings: Surroundings,
): Result<PlannedJoin, SipRefusal> {
  const { request, identity, transport } = invitation;
  const required = checkRequire(request, [recipientListInvite]);
  if (!required.ok) return required;
  const admitted = admit(room, applicantIn(invitation, othersJoining), surroundings);
  if (!admitted.ok) return err(withWarning(admitted.error));
  const agreement = agreeOnTimer(request, surroundings.now);
  if (!agreement.ok) return agreement;
  const brought = readInviteBody(request);
  if (!brought.ok) return brought;
  const { sdp, recipients } = brought.value;
  const guests = guestsIn(request, recipients, identity);
  if (!guests.ok) return guests;
  const participant = randomToken(surroundings.random, 16);
  const appearance = appearanceOf(invitation, surroundings.chatDomain, participant);
  const nickname = nicknameOf(room, identity);
  const holder = { id: participant, identity, uris: appearance.uris, nickname };
  const governed = room ?? { policy: admitted.value, creator: identity };
  const kind = surroundings.kinds.find((one) => one.takes(request)) ?? msrpKind;
  const inbox = kind.plan({ room: governed, holder, sdp, transport });
  if (!inbox.ok) return inbox;
  const isFounding = room === undefined;
  const rest = { isFounding, policy: admitted.value, guests: guests.value, agreement: agreement.value };
  return ok({ ...inbox.value, participant, invitation, appearance, nickname, ...rest });
}

function applicantIn({ request, identity, byFactory }: Invitation, othersJoining: number): Applicant {
  return { identity, password: passwordIn(request), othersJoining, byFactory };
}

/**
 * The room with its new participant, and the 200 that says so.
 *
 * @spec RFC 4579 §5.1, RFC 7701 §5.2
 */
export function completeJoin(
  current: Room | undefined,
  uri: RoomUri,
  plan: PlannedJoin,
  opened: OpenedSessions,
  surroundings: Surroundings,
  others: OtherMedia = noOtherMedia,
): Decision {
  const { invitation, agreement } = plan;
  const tag = randomToken(surroundings.random, tagLength);
  const away = (why: SipRefusal): Decision => {
    const switches = [...opened.values()].map(({ switchInstance }) => switchInstance);
    const told = current === undefined ? [] : laterPolicy(current, plan.policy, switches);
    const effects = [...abandoned(opened, why.message), ...told, ...endLeg(others.leg)];
    return { room: current, answer: { kind: 'sip', response: refuse(invitation.request, why, tag) }, effects };
  };
  // The room may have ended, been filled or closed to this one while a switch was asked.
  const admitted = admit(current, applicantIn(invitation, 0), surroundings);
  if (!admitted.ok) return away(withWarning(admitted.error));
  if (current === undefined && !plan.isFounding) return away(sipRefusal(480, 'the room ended meanwhile'));
  const room = current ?? newRoom(uri, plan.policy, invitation.identity, surroundings.now);
  const { kind } = plan;
  const media = kind.open(plan, { opened, others: others.lines, policy: room.policy, surroundings });
  const response = acceptedInvite(uri, invitation.request, {
    sdp: kind.description(media),
    tag,
    fields: agreement.fields,
  });
  const dialog = createUasDialog(invitation.request, response, { tls: invitation.isSecure });
  if (!dialog.ok) return away(sipRefusal(dialog.error.status, dialog.error.message));
  const participant: Participant = {
    id: plan.participant,
    identity: invitation.identity,
    uri: plan.appearance.uri,
    uris: plan.appearance.uris,
    nickname: plan.nickname,
    displayName: plan.appearance.displayName,
    joinedAt: surroundings.now,
    dialog: dialog.value,
    reach: invitation.reach,
    media,
    leg: others.leg,
    timer: agreement.timer,
    dialedOut: false,
    joinCommand: invitation.commandId,
  };
  const effects = laterTerms(room, plan.policy, participant);
  return { room: withParticipant(room, participant), answer: { kind: 'sip', response }, effects };
}

/** A join that was carried out, and its 200, built once more. */
export interface RepeatedJoin extends Newcomer {
  readonly answer: Answer;
}

/**
 * What becomes of the command of a join that comes again; undefined when it has not been carried out. Whoever carried it out
 * may have ended before it called the guests.
 */
export function repeatedJoin(
  room: Room | undefined,
  { commandId, request, identity }: Invitation,
): RepeatedJoin | undefined {
  if (room === undefined) return undefined;
  for (const participant of participantsOf(room).index.byCommand.of(commandId)) {
    const known = room.participants.get(participant);
    if (known === undefined) continue;
    const response = acceptedAgain(room, known, request);
    const brought = readInviteBody(request);
    const guests = brought.ok ? guestsIn(request, brought.value.recipients, identity) : brought;
    return { participant, answer: { kind: 'sip', response }, guests: guests.ok ? guests.value : nobody };
  }
  return undefined;
}

/** The 200 to the INVITE of who is in the room. */
export function acceptedAgain({ uri }: Room, { media, dialog, timer }: Participant, request: SipRequest): SipResponse {
  const agreement = agreeOnTimer(request, timer?.refreshedAt ?? 0);
  const fields = agreement.ok ? agreement.value.fields : [];
  return acceptedInvite(uri, request, { sdp: media.kind.description(media), tag: dialog.localTag, fields });
}

/** An INVITE that is refused, with a To tag of its own (RFC 3261 §8.2.6.2). */
export function refusedJoin(room: Room | undefined, { request }: Invitation, why: SipRefusal, tag: string): Decision {
  return unchanged(room, { kind: 'sip', response: refuse(request, why, tag) });
}

/** What closes sessions that nobody will have. */
export function abandoned(opened: OpenedSessions, reason: string): readonly Effect[] {
  return [...opened.values()].map(({ switchInstance, session }) => ({
    kind: 'CloseSession',
    switchInstance,
    session,
    reason,
  }));
}

/** The nickname that another device of a user has. */
export function nicknameOf(room: Room | undefined, identity: string): string {
  for (const id of room === undefined ? [] : participantsOf(room).index.byIdentity.of(identity)) {
    const nickname = room?.participants.get(id)?.nickname ?? '';
    if (nickname !== '') return nickname;
  }
  return '';
}
