import type { Dialog } from '@parley/sip-stack';
import { dialogRequest, refreshTarget, ackRequest } from '@parley/sip-stack';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import type { OpenedSessions } from '../media/opened-session.ts';
import type { MsrpMedia } from '../media/msrp-media.ts';
import { isMsrp, isOffering, owesOffer, withOffer, withOwedOffer } from '../media/msrp-media.ts';
import { createOurOffer } from '../media/our-description.ts';
import { wishesAgain } from '../media/session-wish.ts';
import { capabilityFields, focusContact } from '../sip/focus-fields.ts';
import { takeAnswer } from './answers.ts';
import type { Decision, Effect } from './decision.ts';
import { done, unchanged } from './decision.ts';
import type { Departure } from './leave.ts';
import { takeOut } from './leave.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';
import { longerTimer, refreshedTimer, refreshFields } from './session-timer.ts';
import type { Surroundings } from './surroundings.ts';

/** Offers a participant what it has, so that its session goes on. @spec RFC 4028 §10 */
export function offerAgain(room: Room, participant: Participant): Decision {
  const [ask, dialog] = offerOf(room, participant);
  const media = withOffer(withOwedOffer(participant.media, undefined), true, dialog.localSequence);
  return { room: withParticipant(room, { ...participant, dialog, media }), answer: done, effects: [ask] };
}

/** A request to a device whose answer the room wants to know. */
type AskDevice = Extract<Effect, { kind: 'AskDevice' }>;

/** The request that offers a participant what it has, and its dialog behind it. */
export function offerOf(room: Room, { media, timer, dialog, reach, id }: Participant): readonly [AskDevice, Dialog] {
  const body = media.kind.description(media);
  const contents: readonly RawField[] = body.length === 0 ? [] : [['Content-Type', 'application/sdp']];
  const fields = [focusContact(room.uri), ...capabilityFields, ...(timer ? refreshFields(timer) : []), ...contents];
  // An INVITE without an offer would ask for one.
  const [request, asking] = dialogRequest(dialog, body.length === 0 ? 'UPDATE' : 'INVITE', { fields, body });
  return [{ kind: 'AskDevice', participant: id, reach, request }, asking];
}

/**
 * Offers a participant whose switch is gone the paths at another one.
 *
 * @spec RFC 6135 §4.2, RFC 3264 §8, RFC 4975 §8.4
 */
export function offerNewPaths(
  room: Room | undefined,
  id: string,
  opened: OpenedSessions,
  { dialect }: Surroundings,
): Decision | undefined {
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined) return undefined;
  const { media } = participant;
  if (!isMsrp(media)) return undefined;
  const wishes = new Map(wishesAgain(room, participant).map((wish) => [wish.index, wish]));
  const terms = { policy: room.policy, dialect, sessionId: '0', previous: media.localSdp };
  const localSdp = createOurOffer(opened, wishes, terms);
  const streams = media.streams.flatMap((stream) => {
    const given = opened.get(stream.index);
    if (given === undefined) return stream.session === '' ? [] : [stream];
    return [{ ...stream, switchInstance: given.switchInstance, session: given.session, bound: false }];
  });
  const moved: MsrpMedia = { ...media, streams, localSdp };
  return offerInTurn(room, { ...participant, media: moved });
}

/** Offers a participant what it has; while another offer of ours is open, later. @spec RFC 3261 §14.1 */
export function offerInTurn(room: Room, participant: Participant): Decision {
  if (!isOffering(participant.media)) return offerAgain(room, participant);
  return owing(room, participant);
}

/** What a device said to our offer within its dialog: a 2xx is acknowledged, all else ends the participant. */
export function deviceAnswered(
  room: Room | undefined,
  id: string,
  request: SipRequest,
  response: SipResponse | undefined,
  now: number,
): Decision {
  const participant = room?.participants.get(id);
  if (room === undefined || participant === undefined) return unchanged(room, done);
  const status = response?.statusCode ?? 408;
  if (response !== undefined && status < 300) return accepted(room, participant, request, response, now);
  const idle = { ...participant, media: withOffer(participant.media, false) };
  // Its offer crossed ours, or it is busy with one (RFC 3261 §14.1).
  if (isPassing(status)) return waiting(room, idle);
  const longer = status === 422 && response !== undefined && idle.timer && longerTimer(idle.timer, response);
  // Who asks for no longer an interval than it was offered would refuse that again, for ever.
  if (longer && longer.interval > (idle.timer?.interval ?? 0)) return offerAgain(room, { ...idle, timer: longer });
  return { ...takeOut(room, [idle], departed(`it answered ${status}`)), answer: done };
}

function accepted(
  room: Room,
  participant: Participant,
  request: SipRequest,
  response: SipResponse,
  now: number,
): Decision {
  const { reach, timer } = participant;
  const dialog = refreshTarget(participant.dialog, request.method, response);
  const current = { ...participant, dialog, timer: refreshedTimer(timer, response, now) };
  if (request.method !== 'INVITE') return { room: withParticipant(room, current), answer: done, effects: [] };
  const ack: Effect = { kind: 'SendRequest', reach, request: ackRequest(dialog, request) };
  const answered = takeAnswer(room, current, response.body, now);
  if (!answered.ok) {
    const gone = takeOut(room, [current], departed(answered.error.message));
    return { ...gone, effects: [ack, ...gone.effects], answer: done };
  }
  const { participant: after, effects } = answered.value;
  return { room: withParticipant(room, after), answer: done, effects: [ack, ...effects] };
}

/** The timer of a session comes round again; who has to be connected elsewhere has no other. */
function waiting(room: Room, participant: Participant): Decision {
  const isMoving = participant.media.kind.connectBy(participant.media) !== undefined;
  return isMoving ? owing(room, participant) : unchanged(withParticipant(room, participant), done);
}

/** The offer is made later, by whoever has the room then. */
function owing(room: Room, participant: Participant): Decision {
  const after = { ...participant, media: withOwedOffer(participant.media, true) };
  return { room: withParticipant(room, after), answer: done, effects: [offerLater(after)] };
}

/** Makes an offer that is owed, in a while. */
export function offerLater({ id, dialedOut }: Participant): Effect {
  return { kind: 'OfferLater', participant: id, isOurCallId: dialedOut };
}

/** Makes the offer that crossed another one, unless it has been made or the participant has left. */
export function offerOnceMore(room: Room | undefined, id: string): Decision {
  const participant = room?.participants.get(id);
  const isOwed = participant !== undefined && owesOffer(participant.media);
  return room !== undefined && isOwed ? offerInTurn(room, participant) : unchanged(room, done);
}

function isPassing(status: number): boolean {
  return status === 491 || status === 500 || status === 503;
}

function departed(reason: string): Departure {
  return { reason, sendBye: true, closeSessions: true };
}
