import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { createResponseTo, equalUris, field, read } from '@parley/sip';
import { dialogIdOf, receiveRequest } from '@parley/sip-stack';
import { isMsrp } from '../media/msrp-media.ts';
import { acceptFields, allowField, capabilityFields, focusContact } from '../sip/focus-fields.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { refuse, sipRefusal } from '../sip/sip-refusal.ts';
import { takeAnswer } from './answers.ts';
import type { Decision } from './decision.ts';
import { done, unchanged } from './decision.ts';
import { dialogOwner } from './dialog-owner.ts';
import type { Invitation } from './invitation.ts';
import { takeOut } from './leave.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';

/** Whether a request claims to be within a dialog: its To has a tag. @spec RFC 3261 §12.2.2 */
export function isWithinDialog(request: SipRequest): boolean {
  return dialogIdOf(request) !== undefined;
}

/** A participant of a room that has sent a request within its dialog, which counts it. */
export interface Caller {
  readonly room: Room;
  readonly participant: Participant;
}

/**
 * Whose dialog a request is within. The tags prove the sender, as only the two ends know them; From must still be that of
 * the dialog.
 *
 * @spec RFC 3261 §12.2.2
 */
export function callerOf(room: Room | undefined, { request, reach }: Invitation): Result<Caller, SipRefusal> {
  const participant = participantOf(room, request);
  if (room === undefined || participant === undefined) return err(sipRefusal(481, 'no such dialog'));
  if (!isFromPeer(participant, request)) return err(sipRefusal(403, 'expected the From of the dialog'));
  const dialog = receiveRequest(participant.dialog, request);
  if (!dialog.ok) return err(sipRefusal(dialog.error.status, dialog.error.message));
  return ok({ room, participant: { ...participant, dialog: dialog.value, reach } });
}

/**
 * What a request within a dialog does that needs nobody else; INVITE, UPDATE and REFER have functions of their own.
 *
 * @param now - milliseconds since 1970
 */
export function decideWithinDialog({ room, participant }: Caller, request: SipRequest, now: number): Decision {
  switch (request.method) {
    case 'ACK':
      return acknowledge(room, participant, request, now);
    case 'BYE':
      return leave(room, participant, request);
    case 'OPTIONS': {
      const fields = [focusContact(room.uri), ...capabilityFields, ...acceptFields];
      const response = createResponseTo(request, 200, undefined, { fields });
      return { room: withParticipant(room, participant), answer: { kind: 'sip', response }, effects: [] };
    }
    default:
      return refusing(room, request, sipRefusal(405, `no ${request.method} to a room`, [allowField]));
  }
}

/** A request that is refused; an ACK is never answered, so nothing is said of it either (RFC 3261 §17). */
export function refusing(room: Room | undefined, request: SipRequest, why: SipRefusal): Decision {
  if (request.method === 'ACK') return unchanged(room, done);
  return unchanged(room, { kind: 'sip', response: refuse(request, why) });
}

/** The answer to a BYE whose dialog has ended by it, come again. */
export function repeatedBye(room: Room | undefined, request: SipRequest): Decision {
  return unchanged(room, { kind: 'sip', response: createResponseTo(request, 200) });
}

/** The ACK of a 200 with our offer has the answer; without one the first offer has failed. @spec RFC 3261 §13.2.1 */
function acknowledge(room: Room, participant: Participant, request: SipRequest, now: number): Decision {
  const { media } = participant;
  // To an offer in a request of ours the response is the answer; an ACK of earlier may come again meanwhile.
  if (!isMsrp(media) || !media.isOffering || media.offeredIn !== undefined) return unchanged(room, done);
  if (request.body.length === 0 && media.remoteSdp.length > 0) {
    const settled = { ...participant, media: { ...media, isOffering: false } };
    return { room: withParticipant(room, settled), answer: done, effects: [] };
  }
  const answered = takeAnswer(room, participant, request.body, now);
  if (answered.ok) {
    return { room: withParticipant(room, answered.value.participant), answer: done, effects: answered.value.effects };
  }
  const departure = { reason: answered.error.message, sendBye: true, closeSessions: true };
  return { ...takeOut(room, [participant], departure), answer: done };
}

function leave(room: Room, participant: Participant, request: SipRequest): Decision {
  const response = createResponseTo(request, 200);
  const departure = { reason: 'left', sendBye: false, closeSessions: true };
  return { ...takeOut(room, [participant], departure), answer: { kind: 'sip', response } };
}

function participantOf(room: Room | undefined, request: SipRequest): Participant | undefined {
  const id = dialogIdOf(request);
  return id === undefined ? undefined : dialogOwner(room, id);
}

function isFromPeer({ dialog }: Participant, request: SipRequest): boolean {
  const from = read(request, field.from);
  const peer = field.from.parse(dialog.remoteAddress);
  return from.ok && from.value !== undefined && peer.ok && equalUris(from.value.uri, peer.value.uri);
}
