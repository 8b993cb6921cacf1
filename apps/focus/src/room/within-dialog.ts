import type { SipRequest } from '@parley/sip';
import { createResponseTo, equalUris, field, read } from '@parley/sip';
import { dialogIdOf, dialogId, receiveRequest, refreshTarget } from '@parley/sip-stack';
import { acceptFields, allowField, capabilityFields, focusContact } from '../sip/focus-fields.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { refuse, sipRefusal } from '../sip/sip-refusal.ts';
import type { Decision } from './decision.ts';
import { done, unchanged } from './decision.ts';
import type { Invitation } from './invitation.ts';
import { takeOut } from './leave.ts';
import type { Participant } from './participant.ts';
import { renegotiate } from './renegotiate.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';
import type { Surroundings } from './surroundings.ts';

/** Whether a request claims to be within a dialog: its To has a tag. @spec RFC 3261 §12.2.2 */
export function isWithinDialog(request: SipRequest): boolean {
  return dialogIdOf(request) !== undefined;
}

/**
 * What a request within a dialog does. The tags prove the sender, as only the two ends know them; From must still be
 * that of the dialog.
 *
 * @spec RFC 3261 §12.2.2, §15.1.2
 */
export function decideWithinDialog(
  room: Room | undefined,
  invitation: Invitation,
  surroundings: Surroundings,
): Decision {
  const { request } = invitation;
  const participant = participantOf(room, request);
  if (room === undefined || participant === undefined) return refusing(room, request, noDialog());
  if (!isFromPeer(participant, request)) {
    return refusing(room, request, sipRefusal(403, 'expected the From of the dialog'));
  }
  const dialog = receiveRequest(participant.dialog, request);
  if (!dialog.ok) return refusing(room, request, sipRefusal(dialog.error.status, dialog.error.message));
  const current = { ...participant, dialog: dialog.value, reach: invitation.reach };
  switch (request.method) {
    case 'ACK':
      return unchanged(room, done);
    case 'BYE':
      return leave(room, current, request);
    case 'INVITE':
    case 'UPDATE':
      return renegotiate(room, refreshed(current, request), request, surroundings);
    case 'OPTIONS':
      return keeping(room, current, request, [focusContact(room.uri), ...capabilityFields, ...acceptFields]);
    default:
      return refusing(room, request, sipRefusal(405, `no ${request.method} to a room`, [allowField]));
  }
}

/** The answer to a BYE whose dialog has ended by it, come again. */
export function repeatedBye(room: Room | undefined, request: SipRequest): Decision {
  return unchanged(room, { kind: 'sip', response: createResponseTo(request, 200) });
}

function leave(room: Room, participant: Participant, request: SipRequest): Decision {
  const response = createResponseTo(request, 200);
  const departure = { reason: 'left', sendBye: false, closeSessions: true };
  return { ...takeOut(room, [participant], departure), answer: { kind: 'sip', response } };
}

function refreshed(participant: Participant, request: SipRequest): Participant {
  return { ...participant, dialog: refreshTarget(participant.dialog, request.method, request) };
}

function keeping(
  room: Room,
  participant: Participant,
  request: SipRequest,
  fields: readonly (readonly [string, string])[],
): Decision {
  const response = createResponseTo(request, 200, undefined, { fields });
  return { room: withParticipant(room, participant), answer: { kind: 'sip', response }, effects: [] };
}

function participantOf(room: Room | undefined, request: SipRequest): Participant | undefined {
  const id = dialogIdOf(request);
  for (const participant of room?.participants.values() ?? []) {
    if (dialogId(participant.dialog) === id) return participant;
  }
  return undefined;
}

function isFromPeer({ dialog }: Participant, request: SipRequest): boolean {
  const from = read(request, field.from);
  const peer = field.from.parse(dialog.remoteAddress);
  return from.ok && from.value !== undefined && peer.ok && equalUris(from.value.uri, peer.value.uri);
}

/** An ACK is never answered, so nothing is said of it either (RFC 3261 §17). */
function refusing(room: Room | undefined, request: SipRequest, why: SipRefusal): Decision {
  if (request.method === 'ACK') return unchanged(room, done);
  return unchanged(room, { kind: 'sip', response: refuse(request, why) });
}

function noDialog(): SipRefusal {
  return sipRefusal(481, 'no such dialog');
}
