import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { parseSdp } from '@parley/sdp';
import { createResponseTo } from '@parley/sip';
import { receiveRequest, refreshTarget } from '@parley/sip-stack';
import { newTerms } from '../media/new-terms.ts';
import type { OtherMedia } from '../media/media-leg.ts';
import type { Description } from '../media/offer.ts';
import { isPaused, readDescription } from '../media/offer.ts';
import type { OpenedSession, OpenedSessions } from '../media/opened-session.ts';
import { answerOffer, describedSession } from '../media/our-description.ts';
import type { MsrpMedia, MsrpStream } from '../media/msrp-media.ts';
import { isMsrp, isOffering, withOffer } from '../media/msrp-media.ts';
import type { SessionWish } from '../media/session-wish.ts';
import { compareStreams, wishesFor } from '../media/session-wish.ts';
import { checkOfferBody, checkRequire } from '../sip/check-request.ts';
import { capabilityFields, focusContact } from '../sip/focus-fields.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { refuse, sipRefusal } from '../sip/sip-refusal.ts';
import { acceptedInvite } from './accepted-invite.ts';
import type { Decision, Effect } from './decision.ts';
import type { Invitation } from './invitation.ts';
import { abandoned } from './join.ts';
import { laterTerms } from './later-policy.ts';
import { endLeg } from './leg-end.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';
import type { TimerAgreement } from './session-timer.ts';
import { agreeOnTimer } from './session-timer.ts';
import type { Surroundings } from './surroundings.ts';

/** A re-INVITE or UPDATE that is to be granted once its new streams have sessions. */
export interface PlannedChange {
  readonly participant: string;
  readonly invitation: Invitation;
  /** Undefined: none came. */
  readonly offer: Description | undefined;
  /** Streams that are new, or come from another place now. */
  readonly wishes: readonly SessionWish[];
  readonly agreement: TimerAgreement;
}

/**
 * What a re-INVITE or UPDATE asks for: streams held and resumed, added, moved and ended, a session refreshed.
 *
 * @spec RFC 3261 §14.2, RFC 3311 §5.2, RFC 3264 §8, RFC 4028 §9
 */
export function planChange(
  room: Room,
  participant: Participant,
  invitation: Invitation,
  { now }: Surroundings,
): Result<PlannedChange, SipRefusal> {
  const { request } = invitation;
  const required = checkRequire(request);
  if (!required.ok) return required;
  const agreement = agreeOnTimer(request, now);
  if (!agreement.ok) return agreement;
  const plan = { participant: participant.id, invitation, agreement: agreement.value };
  // A re-INVITE without an offer asks for one of ours, of which there may be one at a time; the same one comes again.
  const isRepeated = room.participants.get(participant.id)?.dialog.remoteSequence === participant.dialog.remoteSequence;
  if (request.method === 'INVITE' && isOffering(participant.media) && !isRepeated) return err(glare());
  if (request.body.length === 0) return ok({ ...plan, offer: undefined, wishes: [] });
  const { media } = participant;
  if (!isMsrp(media)) return err(sipRefusal(488, 'no streams are described in this dialog'));
  if (media.isOffering) return err(glare());
  const readable = checkOfferBody(request);
  if (!readable.ok) return readable;
  const offer = readDescription(request.body.slice());
  if (!offer.ok) return offer;
  const { fresh } = compareStreams(media.remoteSdp, offer.value, media.streams);
  return ok({ ...plan, offer: offer.value, wishes: wishesFor(room, participant, fresh) });
}

/** Carries a change out: the target is refreshed, the description is the next version, what fell away is closed. */
export function completeChange(
  room: Room | undefined,
  plan: PlannedChange,
  opened: OpenedSessions,
  others: OtherMedia,
  around: Surroundings,
): Decision {
  const { request } = plan.invitation;
  const current = room === undefined ? undefined : receiving(room.participants.get(plan.participant), plan);
  if (room === undefined || current === undefined) {
    const response = refuse(request, sipRefusal(481, 'no such dialog'));
    return {
      room,
      answer: { kind: 'sip', response },
      effects: [...abandoned(opened, 'the participant is gone'), ...endLeg(others.leg)],
    };
  }
  const { media } = current;
  if (plan.offer === undefined || !isMsrp(media)) return refreshed(room, current, plan);
  const negotiated = negotiate(room, media, plan.offer, opened, others, around);
  if (negotiated.media.streams.length === 0) {
    const response = refuse(request, sipRefusal(488, 'no session for these streams'));
    return {
      room,
      answer: { kind: 'sip', response },
      effects: [
        ...abandoned(opened, 'the change was refused'),
        // One that was there before stays as it was.
        ...(current.leg === undefined ? endLeg(others.leg) : []),
      ],
    };
  }
  const after = { ...current, media: negotiated.media, leg: others.leg };
  const isLegOver = current.leg !== undefined && others.leg === undefined;
  const acceptance = {
    sdp: negotiated.media.localSdp,
    tag: current.dialog.localTag,
    fields: plan.agreement.fields,
  };
  return {
    room: withParticipant(room, after),
    answer: { kind: 'sip', response: acceptedInvite(room.uri, request, acceptance) },
    effects: [
      ...changedTerms(room, media, after, opened),
      ...plan.wishes.slice(0, 1).flatMap(({ policy }) => laterTerms(room, policy, after)),
      ...negotiated.closed,
      ...(isLegOver ? endLeg(current.leg) : []),
    ],
  };
}

/** What the switches of streams that go on have to know; those that are new have been opened so. */
function changedTerms(
  room: Room,
  before: MsrpMedia,
  after: Participant & { readonly media: MsrpMedia },
  opened: OpenedSessions,
): readonly Effect[] {
  if (Buffer.compare(before.remoteSdp, after.media.remoteSdp) === 0) return [];
  const fresh = new Set([...opened.values()].map(({ session }) => session));
  return newTerms(room, after).filter((effect) => effect.kind !== 'ChangeSession' || !fresh.has(effect.session));
}

/** A session that is only refreshed; a re-INVITE without an offer gets one: what stands. */
function refreshed(room: Room, current: Participant, { invitation, agreement }: PlannedChange): Decision {
  const { request } = invitation;
  const { media, dialog } = current;
  const isInvite = request.method === 'INVITE';
  const fields = [focusContact(room.uri), ...capabilityFields, ...agreement.fields];
  const response = isInvite
    ? acceptedInvite(room.uri, request, {
        sdp: media.kind.description(media),
        tag: dialog.localTag,
        fields: agreement.fields,
      })
    : createResponseTo(request, 200, undefined, { fields });
  const after = isInvite ? { ...current, media: withOffer(media, true) } : current;
  return { room: withParticipant(room, after), answer: { kind: 'sip', response }, effects: [] };
}

function receiving(participant: Participant | undefined, { invitation, agreement }: PlannedChange) {
  if (participant === undefined) return undefined;
  const { request, reach } = invitation;
  const dialog = receiveRequest(participant.dialog, request);
  if (!dialog.ok) return undefined;
  return {
    ...participant,
    dialog: refreshTarget(dialog.value, request.method, request),
    reach,
    timer: agreement.timer,
  };
}

function negotiate(
  room: Room,
  media: MsrpMedia,
  offer: Description,
  opened: OpenedSessions,
  { lines: others }: OtherMedia,
  { dialect }: Surroundings,
): { readonly media: MsrpMedia; readonly closed: readonly Effect[] } {
  const ours = parseSdp(media.localSdp);
  const { kept } = compareStreams(media.remoteSdp, offer, media.streams);
  const sessions = new Map<number, OpenedSession>(opened);
  for (const { index } of kept) {
    const stream = media.streams.find((one) => one.index === index);
    const session = stream && ours.ok ? describedSession(ours.value, stream) : undefined;
    if (session !== undefined && !sessions.has(index)) sessions.set(index, session);
  }
  const streams = offer.streams.flatMap(({ index, msrp }): readonly MsrpStream[] => {
    const session = sessions.get(index);
    if (session === undefined) return [];
    const before = media.streams.find((one) => one.session === session.session);
    const { switchInstance } = session;
    const bound = before?.bound ?? false;
    return [{ index, switchInstance, session: session.session, bound, paused: isPaused(msrp) }];
  });
  const terms = { policy: room.policy, dialect, sessionId: '0', previous: media.localSdp, others };
  const localSdp = answerOffer(offer, sessions, terms);
  const goesOn = new Set(streams.map(({ session }) => session));
  const closed = media.streams
    .filter(({ session }) => session !== '' && !goesOn.has(session))
    .map(({ switchInstance, session }): Effect => {
      return { kind: 'CloseSession', switchInstance, session, reason: 'the stream has ended' };
    });
  return { media: { ...media, streams, localSdp, remoteSdp: offer.bytes, isOffering: false }, closed };
}

/** Both sides offer at once. @spec RFC 3261 §14.2 */
function glare(): SipRefusal {
  return sipRefusal(491, 'an offer of ours waits for its answer');
}
