import type { Result } from '@parley/prelude';
import { err, ok, randomToken } from '@parley/prelude';
import { createUasDialog } from '@parley/sip-stack';
import { descriptionId } from '../media/description-id.ts';
import type { OtherMedia } from '../media/media-leg.ts';
import { noOtherMedia } from '../media/media-leg.ts';
import type { Description } from '../media/offer.ts';
import { isPaused, readDescription } from '../media/offer.ts';
import type { OpenedSessions } from '../media/opened-session.ts';
import { answerOffer, createOurOffer } from '../media/our-description.ts';
import type { MsrpMedia } from '../media/participant-media.ts';
import type { SessionWish } from '../media/session-wish.ts';
import { wishesFor, wishForOffer } from '../media/session-wish.ts';
import { checkRequire } from '../sip/check-request.ts';
import { readInviteBody } from '../sip/invite-body.ts';
import { recipientListInvite } from '../sip/recipient-list.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { refuse, sipRefusal, withWarning } from '../sip/sip-refusal.ts';
import { acceptedInvite } from './accepted-invite.ts';
import { admit } from './admission.ts';
import type { Answer, Decision, Effect } from './decision.ts';
import { unchanged } from './decision.ts';
import type { Guests } from './guests.ts';
import { guestsIn, nobody } from './guests.ts';
import type { Appearance, Invitation } from './invitation.ts';
import { appearanceOf, passwordIn } from './invitation.ts';
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
export interface PlannedJoin extends Newcomer {
  readonly invitation: Invitation;
  readonly appearance: Appearance;
  /** Undefined where the INVITE has none, so that the 200 has one. @spec RFC 3261 §13.2.1 */
  readonly offer: Description | undefined;
  readonly wishes: readonly SessionWish[];
  /** Held already by another device of the user; empty: none. */
  readonly nickname: string;
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
  const { request, identity, byFactory, transport } = invitation;
  const required = checkRequire(request, [recipientListInvite]);
  if (!required.ok) return required;
  const applicant = { identity, password: passwordIn(request), othersJoining, byFactory };
  const admitted = admit(room, applicant, surroundings);
  if (!admitted.ok) return err(withWarning(admitted.error));
  const agreement = agreeOnTimer(request, surroundings.now);
  if (!agreement.ok) return agreement;
  const brought = readInviteBody(request);
  if (!brought.ok) return brought;
  const { sdp, recipients } = brought.value;
  const offer = sdp === undefined ? ok(undefined) : readDescription(sdp);
  if (!offer.ok) return offer;
  const guests = guestsIn(request, recipients, identity);
  if (!guests.ok) return guests;
  const participant = randomToken(surroundings.random, 16);
  const appearance = appearanceOf(invitation, surroundings.chatDomain, participant);
  const nickname = nicknameOf(room, identity);
  const holder = { id: participant, identity, uris: appearance.uris, nickname };
  const governed = room ?? { policy: admitted.value, creator: identity };
  const wishes =
    offer.value === undefined
      ? [wishForOffer(governed, holder, transport)]
      : wishesFor(governed, holder, offer.value.streams);
  const rest = { policy: admitted.value, guests: guests.value, agreement: agreement.value };
  return ok({ participant, invitation, appearance, offer: offer.value, wishes, nickname, ...rest });
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
  const room = current ?? newRoom(uri, plan.policy, invitation.identity, surroundings.now);
  const media = mediaOf(plan, opened, room.policy, others, surroundings);
  const tag = randomToken(surroundings.random, tagLength);
  const response = acceptedInvite(uri, invitation.request, { sdp: media.localSdp, tag, fields: agreement.fields });
  const dialog = createUasDialog(invitation.request, response, { tls: invitation.isSecure });
  if (!dialog.ok) {
    const refusal = sipRefusal(dialog.error.status, dialog.error.message);
    const effects = [...abandoned(opened, 'the dialog was refused'), ...endLeg(others.leg)];
    return { room: current, answer: { kind: 'sip', response: refuse(invitation.request, refusal, tag) }, effects };
  }
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
  return { room: withParticipant(room, participant), answer: { kind: 'sip', response }, effects: [] };
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
    const { media, dialog, timer } = known;
    const agreement = agreeOnTimer(request, timer?.refreshedAt ?? 0);
    const fields = agreement.ok ? agreement.value.fields : [];
    const response = acceptedInvite(room.uri, request, { sdp: media.localSdp, tag: dialog.localTag, fields });
    const brought = readInviteBody(request);
    const guests = brought.ok ? guestsIn(request, brought.value.recipients, identity) : brought;
    return { participant, answer: { kind: 'sip', response }, guests: guests.ok ? guests.value : nobody };
  }
  return undefined;
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

function mediaOf(
  { offer, wishes }: PlannedJoin,
  opened: OpenedSessions,
  policy: RoomPolicy,
  { lines: others }: OtherMedia,
  { dialect, random }: Surroundings,
): MsrpMedia {
  const terms = { policy, dialect, sessionId: descriptionId(random), others };
  const streams = wishes.flatMap(({ index, peer }) => {
    const session = opened.get(index);
    if (session === undefined) return [];
    const paused = peer !== undefined && isPaused(peer);
    return [{ index, switchInstance: session.switchInstance, session: session.session, bound: false, paused }];
  });
  const transports = new Map(wishes.map(({ index, transport }) => [index, transport]));
  const isOffering = offer === undefined;
  const localSdp = isOffering ? createOurOffer(opened, transports, terms) : answerOffer(offer, opened, terms);
  return { kind: 'msrp', streams, localSdp, remoteSdp: offer?.bytes ?? new Uint8Array(), isOffering };
}
