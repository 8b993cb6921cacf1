import type { Result } from '@parley/prelude';
import { err, ok, randomToken } from '@parley/prelude';
import { createUasDialog } from '@parley/sip-stack';
import type { OfferedStream } from '../media/offered-stream.ts';
import { pickStream } from '../media/offered-stream.ts';
import { answerOffer } from '../media/session-answer.ts';
import type { OpenedSession } from '../media/session-answer.ts';
import { checkOfferBody, checkRequire } from '../sip/check-request.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { refuse, sipRefusal, warningField, withWarning } from '../sip/sip-refusal.ts';
import { acceptedInvite } from './accepted-invite.ts';
import { admit } from './admission.ts';
import type { Decision } from './decision.ts';
import { unchanged } from './decision.ts';
import type { Appearance, Invitation } from './invitation.ts';
import { appearanceOf } from './invitation.ts';
import type { Participant } from './participant.ts';
import type { RoomPolicy } from './policy.ts';
import type { RoomUri } from './room-uri.ts';
import type { Room } from './room.ts';
import { newRoom, withParticipant } from './room.ts';
import type { Surroundings } from './surroundings.ts';

/** A join that policy and offer allow, and that waits for a session at a switch. */
export interface PlannedJoin {
  readonly participant: string;
  readonly invitation: Invitation;
  readonly appearance: Appearance;
  readonly stream: OfferedStream;
  /** Held already by another device of the user; empty: none. */
  readonly nickname: string;
  readonly policy: RoomPolicy;
}

/** Characters of tags and ids: five bits each, 130 in all. */
const tagLength = 26;

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
  const { request, identity } = invitation;
  const required = checkRequire(request);
  if (!required.ok) return required;
  const admitted = admit(room, { identity, othersJoining }, surroundings);
  if (!admitted.ok) return err(withWarning(admitted.error));
  if (request.body.length === 0) return err(offerless());
  const readable = checkOfferBody(request);
  if (!readable.ok) return readable;
  const stream = pickStream(request.body);
  if (!stream.ok) return stream;
  return ok({
    participant: randomToken(surroundings.random, 16),
    invitation,
    appearance: appearanceOf(invitation, surroundings.chatDomain),
    stream: stream.value,
    nickname: nicknameOf(room, identity),
    policy: admitted.value,
  });
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
  opened: OpenedSession,
  surroundings: Surroundings,
): Decision {
  const { invitation } = plan;
  const room = current ?? newRoom(uri, plan.policy, invitation.identity, surroundings.now);
  const sdp = answerOffer(plan.stream, opened, {
    ...surroundings,
    policy: room.policy,
    sessionId: sessionId(surroundings),
  });
  const response = acceptedInvite(uri, invitation.request, sdp, randomToken(surroundings.random, tagLength));
  const dialog = createUasDialog(invitation.request, response, { tls: invitation.isSecure });
  if (!dialog.ok) {
    const refusal = sipRefusal(dialog.error.status, dialog.error.message);
    const { switchInstance, session } = opened;
    const close = { kind: 'CloseSession', switchInstance, session, reason: 'the dialog was refused' } as const;
    return { room: current, answer: { kind: 'sip', response: refuse(invitation.request, refusal) }, effects: [close] };
  }
  const { switchInstance, session } = opened;
  const participant: Participant = {
    id: plan.participant,
    identity: invitation.identity,
    uri: plan.appearance.uri,
    nickname: plan.nickname,
    displayName: plan.appearance.displayName,
    joinedAt: surroundings.now,
    dialog: dialog.value,
    reach: invitation.reach,
    media: { kind: 'msrp', switchInstance, session, bound: false, localSdp: sdp, remoteSdp: plan.stream.offerBytes },
    joinCommand: invitation.commandId,
  };
  return { room: withParticipant(room, participant), answer: { kind: 'sip', response }, effects: [] };
}

/** The 200 of a join that has been carried out, built once more for its command come again; undefined when it has not. */
export function repeatedJoin(room: Room | undefined, { commandId, request }: Invitation): Decision | undefined {
  if (room === undefined) return undefined;
  for (const { joinCommand, media, dialog } of room.participants.values()) {
    if (joinCommand !== commandId) continue;
    const response = acceptedInvite(room.uri, request, media.localSdp, dialog.localTag);
    return unchanged(room, { kind: 'sip', response });
  }
  return undefined;
}

/** An INVITE that is refused, with a To tag of its own (RFC 3261 §8.2.6.2). */
export function refusedJoin(room: Room | undefined, { request }: Invitation, why: SipRefusal, tag: string): Decision {
  return unchanged(room, { kind: 'sip', response: refuse(request, why, tag) });
}

/** @deviation an INVITE without an offer is refused: the switch binds a session by the path that the offer names */
function offerless(): SipRefusal {
  return sipRefusal(488, 'expected an offer in the INVITE', [warningField(399, 'expected an offer in the INVITE')]);
}

function nicknameOf(room: Room | undefined, identity: string): string {
  for (const other of room?.participants.values() ?? []) {
    if (other.identity === identity && other.nickname !== '') return other.nickname;
  }
  return '';
}

/** Digits for `o=`, as unlikely to meet again as an NTP timestamp. @spec RFC 8866 §5.2 */
function sessionId({ random }: Surroundings): string {
  const octets = random.bytes(6);
  return String(octets.reduce((value, octet) => value * 256 + octet, 0));
}
