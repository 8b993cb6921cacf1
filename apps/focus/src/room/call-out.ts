import type { Refusal, Result } from '@parley/prelude';
import { err, ok, randomToken, refusal } from '@parley/prelude';
import { createRequest } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { ackRequest, byeRequest, createUacDialog } from '@parley/sip-stack';
import { descriptionId } from '../media/description-id.ts';
import type { OpenedSessions } from '../media/opened-session.ts';
import { createOurOffer } from '../media/our-description.ts';
import { msrpKind } from '../media/msrp-kind.ts';
import type { MsrpMedia } from '../media/msrp-media.ts';
import type { StreamTransport } from '../media/offer.ts';
import type { SessionWish } from '../media/session-wish.ts';
import { wishForOffer } from '../media/session-wish.ts';
import { capabilityFields, focusContact } from '../sip/focus-fields.ts';
import { invitingBody } from '../sip/inviting-body.ts';
import { addressOfRecord } from './address-of-record.ts';
import { takeAnswer } from './answers.ts';
import type { Decision, Effect } from './decision.ts';
import { done, unchanged } from './decision.ts';
import { abandoned, nicknameOf, tagLength } from './join.ts';
import { laterTerms } from './later-policy.ts';
import { noSuchRoom } from './operator.ts';
import type { Participant, Reach } from './participant.ts';
import type { RoomUri } from './room-uri.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';
import { mayStay } from './standing.ts';
import type { Surroundings } from './surroundings.ts';

/** Somebody whom the focus is about to call. */
export interface PlannedCall {
  readonly participant: string;
  readonly room: RoomUri;
  /** Address-of-record. */
  readonly callee: string;
  readonly callId: string;
  readonly tag: string;
  readonly wish: SessionWish;
  /** Who asked for it, for Referred-By; empty: an operator. */
  readonly referrer: string;
  /** Who else is invited, as a recipient-history list; undefined: that is nobody's business. @spec RFC 5366 §5 */
  readonly history?: Uint8Array | undefined;
}

/** The Record-Route by which requests of a device come back to its edge: with a flow token, or of the flow that is taken. */
export type RecordRoute =
  | { readonly kind: 'none' }
  | { readonly kind: 'of-flow-taken' }
  | { readonly kind: 'of-token'; readonly token: string };

/** One device of the callee. */
export interface Device {
  readonly contact: string;
  readonly reach: Reach;
  /** Route values; none where a flow leads there. */
  readonly path: readonly string[];
  readonly recordRoute: RecordRoute;
  readonly transport: StreamTransport;
}

/** A device that took the call. */
export interface AnsweredCall {
  readonly request: SipRequest;
  /** What it offered. */
  readonly offer: Uint8Array;
  readonly response: SipResponse;
  readonly reach: Reach;
  readonly isSecure: boolean;
}

/**
 * Whether the focus may call somebody into a room.
 *
 * @param target - a URI of this installation, as an operator or a REFER names it
 * @spec RFC 4579 §5.5 (dial-out)
 */
export function planCall(
  room: Room | undefined,
  target: string,
  referrer: string,
  { random, domain }: Surroundings,
): Result<PlannedCall, Refusal> {
  if (room === undefined) return err(noSuchRoom);
  const callee = addressOfRecord(target);
  if (callee === undefined) return err(refusal(400, 'Bad Request', 'expected a SIP URI of somebody to invite'));
  if (!callee.endsWith(`@${domain}`)) return err(refusal(404, 'Not Found', 'only users of this server are called'));
  if (!mayStay(room, callee)) return err(refusal(403, 'Forbidden', 'the room would not let that one in'));
  if (isFull(room)) {
    return err(refusal(486, 'Busy Here', `this room is full: ${room.policy.maxParticipants} participants`));
  }
  const participant = randomToken(random, 16);
  const uris = [callee, callee.replace(/^sips?:/, 'im:')];
  const holder = { id: participant, identity: callee, uris, nickname: nicknameOf(room, callee) };
  const wish = wishForOffer(room, holder, { scheme: 'msrp', transport: 'tcp' });
  const [callId, tag] = [randomToken(random, tagLength), randomToken(random, tagLength)];
  return ok({ participant, room: room.uri, callee, callId, tag, wish, referrer });
}

/** What is offered to the callee. */
export function offerForCall(
  { wish }: PlannedCall,
  opened: OpenedSessions,
  transport: StreamTransport,
  { dialect, random }: Surroundings,
): Uint8Array {
  const terms = { policy: wish.policy, dialect, sessionId: descriptionId(random) };
  return createOurOffer(opened, new Map([[wish.index, { transport, peer: wish.peer }]]), terms);
}

/**
 * The INVITE for one device.
 *
 * @param sequence - for CSeq, where the device is called again
 * @spec RFC 4579 §5.5, RFC 3892 §2.1
 */
export function inviteTo(plan: PlannedCall, { contact, path }: Device, offer: Uint8Array, sequence = 1): SipRequest {
  const { contentType, body } = invitingBody(offer, plan.history, `part-${plan.tag}`);
  const referred: readonly RawField[] = plan.referrer === '' ? [] : [['Referred-By', `<${plan.referrer}>`]];
  const fields: readonly RawField[] = [
    ...path.map((route): RawField => ['Route', route]),
    ['Max-Forwards', '70'],
    ['From', `<${plan.room}>;tag=${plan.tag}`],
    ['To', `<${plan.callee}>`],
    ['Call-ID', plan.callId],
    ['CSeq', `${sequence} INVITE`],
    focusContact(plan.room),
    ...capabilityFields,
    ...referred,
    ['Content-Type', contentType],
  ];
  return createRequest({ method: 'INVITE', requestUri: contact, fields, body });
}

/** The room with who answered its call; who answers amiss, too late for a seat, or a room that is gone, is told goodbye. */
export function completeCall(
  room: Room | undefined,
  plan: PlannedCall,
  opened: OpenedSessions,
  call: AnsweredCall,
  { now }: Surroundings,
): Decision {
  const dialog = createUacDialog(call.request, call.response, { tls: call.isSecure });
  if (!dialog.ok) return { room, answer: done, effects: abandoned(opened, 'the call was answered amiss') };
  const { reach } = call;
  const ack: Effect = { kind: 'SendRequest', reach, request: ackRequest(dialog.value, call.request) };
  const isIn = room !== undefined && mayStay(room, plan.callee) && !isFull(room);
  if (!isIn) return goodbye(room, opened, [ack], reach, dialog.value);
  const { wish } = plan;
  const participant: Participant = {
    id: plan.participant,
    identity: plan.callee,
    uri: plan.callee,
    uris: wish.uris,
    nickname: wish.nickname,
    displayName: '',
    joinedAt: now,
    dialog: dialog.value,
    reach,
    media: offeredMedia(opened, call.offer, dialog.value.localSequence),
    timer: undefined,
    dialedOut: true,
    joinCommand: '',
  };
  const answered = takeAnswer(room, participant, call.response.body, now);
  if (!answered.ok) return goodbye(room, opened, [ack], reach, dialog.value);
  const joined = withParticipant(room, answered.value.participant);
  const told = laterTerms(room, wish.policy, answered.value.participant);
  return { room: joined, answer: done, effects: [ack, ...answered.value.effects, ...told] };
}

/** Others may come in while it rings, so that it is asked before and after. */
function isFull({ policy: { maxParticipants }, participants }: Room): boolean {
  return maxParticipants > 0 && participants.size >= maxParticipants;
}

/** What is sent to a device that is not wanted any more. */
export type Goodbye = Extract<Effect, { kind: 'SendRequest' }>;

/** A device that took the call after another one had it already. @spec RFC 3261 §13.2.2.4 */
export function tooLate({ request, response, reach, isSecure }: AnsweredCall): readonly Goodbye[] {
  const dialog = createUacDialog(request, response, { tls: isSecure });
  if (!dialog.ok) return [];
  const [bye] = byeRequest(dialog.value);
  return [
    { kind: 'SendRequest', reach, request: ackRequest(dialog.value, request) },
    { kind: 'SendRequest', reach, request: bye },
  ];
}

function goodbye(
  room: Room | undefined,
  opened: OpenedSessions,
  before: readonly Effect[],
  reach: Reach,
  dialog: Parameters<typeof byeRequest>[0],
): Decision {
  const [bye] = byeRequest(dialog);
  const closed = abandoned(opened, 'the call was answered amiss');
  const effects: readonly Effect[] = [...before, { kind: 'SendRequest', reach, request: bye }, ...closed];
  return { ...unchanged(room, done), effects };
}

function offeredMedia(opened: OpenedSessions, localSdp: Uint8Array, offeredIn: number | undefined): MsrpMedia {
  const streams = [...opened].map(([index, { switchInstance, session }]) => {
    return { index, switchInstance, session, bound: false, paused: false };
  });
  return { kind: msrpKind, streams, localSdp, remoteSdp: new Uint8Array(), isOffering: true, offeredIn };
}
