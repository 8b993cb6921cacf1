import { createResponseTo } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { attributeValue, parseSdp } from '@parley/sdp';
import { pickStream } from '../media/offered-stream.ts';
import { answerOffer, chatStreamOf } from '../media/session-answer.ts';
import { checkOfferBody, checkRequire } from '../sip/check-request.ts';
import { capabilityFields, focusContact } from '../sip/focus-fields.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { refuse, sipRefusal, warningField } from '../sip/sip-refusal.ts';
import { acceptedInvite } from './accepted-invite.ts';
import type { Decision } from './decision.ts';
import { unchanged } from './decision.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';
import { withParticipant } from './room.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * A re-INVITE or UPDATE: the remote target is refreshed, and the session goes on at its path. Without an offer the
 * INVITE is answered with what stands, which its ACK can only agree to.
 *
 * @deviation an offer with another path of the participant's is refused, as the switch knows the session by the old one
 * @spec RFC 3261 §14.2, RFC 3311 §5.2, RFC 4975 §8.4
 */
export function renegotiate(room: Room, participant: Participant, request: SipRequest, around: Surroundings): Decision {
  const required = checkRequire(request);
  const sdp = required.ok ? nextDescription(room, participant, request, around) : required;
  if (!sdp.ok) return unchanged(room, { kind: 'sip', response: refuse(request, sdp.error) });
  const { media } = participant;
  const negotiated =
    request.body.length === 0 ? media : { ...media, localSdp: sdp.value, remoteSdp: request.body.slice() };
  const response =
    request.method === 'UPDATE' && request.body.length === 0
      ? createResponseTo(request, 200, undefined, { fields: [focusContact(room.uri), ...capabilityFields] })
      : acceptedInvite(room.uri, request, sdp.value, participant.dialog.localTag);
  return {
    room: withParticipant(room, { ...participant, media: negotiated }),
    answer: { kind: 'sip', response },
    effects: [],
  };
}

function nextDescription(
  room: Room,
  { media }: Participant,
  request: SipRequest,
  { dialect }: Surroundings,
): Result<Uint8Array, SipRefusal> {
  if (request.body.length === 0) return ok(media.localSdp);
  const readable = checkOfferBody(request);
  if (!readable.ok) return readable;
  const stream = pickStream(request.body.slice());
  if (!stream.ok) return stream;
  const before = pickStream(media.remoteSdp);
  const ours = parseSdp(media.localSdp);
  const chat = ours.ok ? chatStreamOf(ours.value) : undefined;
  if (!before.ok || !ours.ok || chat === undefined) return err(moved('the session is gone'));
  if (stream.value.msrp.path.join(' ') !== before.value.msrp.path.join(' ')) {
    return err(moved('expected the path of the session as it stands'));
  }
  const opened = {
    switchInstance: media.switchInstance,
    session: media.session,
    path: (attributeValue(chat, 'path') ?? '').split(' '),
    port: chat.port,
    address: ours.value.connection?.connectionAddress ?? '',
  };
  const terms = { policy: room.policy, dialect, sessionId: ours.value.origin.sessId, previous: media.localSdp };
  return ok(answerOffer(stream.value, opened, terms));
}

function moved(text: string): SipRefusal {
  return sipRefusal(488, text, [warningField(399, text)]);
}
