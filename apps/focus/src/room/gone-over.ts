import { createUasDialog } from '@parley/sip-stack';
import { isMsrp } from '../media/msrp-media.ts';
import { readInviteBody } from '../sip/invite-body.ts';
import { sequenceOf } from '../sip/identifiers.ts';
import type { Decision } from './decision.ts';
import { unchanged } from './decision.ts';
import type { Invitation } from './invitation.ts';
import { acceptedAgain } from './join.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';

/**
 * What becomes of a copy of an INVITE whose first edge has ended, with the transaction and perhaps before its 200 arrived: the
 * client went on to another edge, and is answered as it was. Its dialog leads that way from now on.
 *
 * @returns undefined when it is no such copy: another body, or the dialog has gone on
 * @spec RFC 3263 §4.3 (the same request by another server), RFC 3261 §8.2.2.2 (only an ongoing transaction merges)
 */
export function goneOver(room: Room, known: Participant, invitation: Invitation): Decision | undefined {
  const { request, reach, isSecure, commandId } = invitation;
  if (known.dialog.remoteSequence !== sequenceOf(request) || !isSameOffer(known, invitation)) return undefined;
  const response = acceptedAgain(room, known, request);
  const dialog = createUasDialog(request, response, { tls: isSecure });
  if (!dialog.ok) return undefined;
  const { localSequence } = known.dialog;
  const after = { ...known, dialog: { ...dialog.value, localSequence }, reach, joinCommand: commandId };
  return unchanged(withParticipant(room, after), { kind: 'sip', response });
}

function isSameOffer({ media }: Participant, { request }: Invitation): boolean {
  const body = readInviteBody(request);
  if (!body.ok || !isMsrp(media)) return false;
  const { sdp = new Uint8Array() } = body.value;
  return Buffer.compare(sdp, media.remoteSdp) === 0;
}
