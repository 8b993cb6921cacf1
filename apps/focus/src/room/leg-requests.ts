import { parseSdp } from '@parley/sdp';
import type { SipRequest } from '@parley/sip';
import { createResponseTo } from '@parley/sip';
import { dialogIdOf, receiveRequest } from '@parley/sip-stack';
import type { MediaLeg } from '../media/media-leg.ts';
import { isMsrp } from '../media/msrp-media.ts';
import { answeredLines, isSameLines, otherLines, withoutOtherMedia } from '../media/other-media.ts';
import { allowField, capabilityFields, focusContact } from '../sip/focus-fields.ts';
import { sipRefusal } from '../sip/sip-refusal.ts';
import { acceptedInvite } from './accepted-invite.ts';
import type { Decision } from './decision.ts';
import { done, unchanged } from './decision.ts';
import { legOwner } from './dialog-owner.ts';
import type { Invitation } from './invitation.ts';
import type { Participant } from './participant.ts';
import { offerInTurn } from './reoffer.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';
import { agreeOnTimer } from './session-timer.ts';
import { refusing } from './within-dialog.ts';

/**
 * What becomes of a request of a media server within the dialog that the focus has with it; undefined where it has none.
 *
 * @spec RFC 3725 §4, RFC 3261 §12.2.2
 */
export function decideOnLeg(room: Room | undefined, { request }: Invitation, now: number): Decision | undefined {
  const participant = legOwner(room, dialogIdOf(request) ?? '');
  if (room === undefined || participant?.leg === undefined) return undefined;
  const { leg } = participant;
  const dialog = receiveRequest(leg.dialog, request);
  if (!dialog.ok) return refusing(room, request, sipRefusal(dialog.error.status, dialog.error.message));
  switch (request.method) {
    case 'ACK':
      return unchanged(room, done);
    case 'BYE':
      return legEnded(room, participant, request);
    case 'INVITE':
    case 'UPDATE':
      return refreshed(room, participant, leg, request, now);
    default:
      return refusing(room, request, sipRefusal(405, `no ${request.method} of a media server`, [allowField]));
  }
}

/** The server is gone: the participant is offered its lines without those that nobody serves any more. */
function legEnded(room: Room, before: Participant, request: SipRequest): Decision {
  const answer = { kind: 'sip', response: createResponseTo(request, 200) } as const;
  const participant = { ...before, leg: undefined };
  const { media } = participant;
  if (!isMsrp(media)) return { room: withParticipant(room, participant), answer, effects: [] };
  const silent: typeof media = { ...media, localSdp: withoutOtherMedia(media.localSdp) };
  return { ...offerInTurn(room, { ...participant, media: silent }), answer };
}

/** The session with the server goes on as it was agreed; of a change the participant would have to be asked. @spec RFC 4028 §9 */
function refreshed(
  room: Room,
  { media }: Participant,
  { dialog, offer }: MediaLeg,
  request: SipRequest,
  now: number,
): Decision {
  const agreement = agreeOnTimer(request, now);
  if (!agreement.ok) return refusing(room, request, agreement.error);
  const ours = isMsrp(media) ? parseSdp(media.localSdp) : undefined;
  const isSame = ours?.ok === true && isSameLines(answeredLines(request.body), otherLines(ours.value));
  if (request.body.length > 0 && !isSame) return refusing(room, request, sipRefusal(488, 'the lines are as agreed'));
  const { fields } = agreement.value;
  if (request.method === 'INVITE' || request.body.length > 0) {
    const response = acceptedInvite(room.uri, request, { sdp: offer, tag: dialog.localTag, fields });
    return unchanged(room, { kind: 'sip', response });
  }
  const all = [focusContact(room.uri), ...capabilityFields, ...fields];
  return unchanged(room, { kind: 'sip', response: createResponseTo(request, 200, undefined, { fields: all }) });
}
