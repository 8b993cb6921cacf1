import { ackRequest, defaultTimers } from '@parley/sip-stack';
import type { MsrpMedia } from '../media/msrp-media.ts';
import { isMsrp } from '../media/msrp-media.ts';
import { newTerms } from '../media/new-terms.ts';
import type { Effect } from './decision.ts';
import type { Participant } from './participant.ts';
import { offerLater, offerOf } from './reoffer.ts';
import type { Room } from './room.ts';
import { withEach } from './room.ts';
import { rebindTime } from './sessions.ts';

/** Milliseconds for which a device waits for its ACK. @spec RFC 3261 §13.3.1.4 */
const awaited = 64 * defaultTimers.t1;

/**
 * What is done for the offers of a room where a focus takes it up: whoever made them has died over them.
 *
 * @param now - milliseconds since 1970
 */
export function resumedOffers(room: Room, now: number): readonly Effect[] {
  return [...room.participants.values()].flatMap((one) => {
    const { media } = one;
    if (!isMsrp(media)) return [];
    const owed = media.owesOffer === true ? [offerLater(one)] : [];
    return [...(media.isOffering ? askedAgain(room, one, media) : followed(room, one, media, now)), ...owed];
  });
}

/**
 * The answer to an offer that is open: the edge knows the request by its tag and number, and has the answer, or gets it.
 *
 * @spec RFC 3261 §13.2.2.4 (a 2xx that nobody acknowledges ends the session), §14.2 (meanwhile others are answered 491)
 */
function askedAgain(room: Room, participant: Participant, { offeredIn }: MsrpMedia): readonly Effect[] {
  return offeredIn === undefined ? [] : [requestOf(room, participant, offeredIn)];
}

/**
 * What follows from an answer, which may be stored and not done: a device takes an ACK once however often it comes, and a
 * switch the same terms.
 *
 * @spec RFC 3261 §13.3.1.4 (a device that gets no ACK ends the session)
 */
function followed(room: Room, participant: Participant, media: MsrpMedia, now: number): readonly Effect[] {
  const { offeredIn, answeredAt = -Infinity } = media;
  if (answeredAt + awaited < now) return [];
  const terms = newTerms(room, participant);
  if (offeredIn === undefined) return terms;
  const { dialog, reach } = participant;
  const request = ackRequest(dialog, requestOf(room, participant, offeredIn).request);
  return [{ kind: 'SendRequest', reach, request }, ...terms];
}

/** The request of ours that had this number. */
function requestOf(room: Room, participant: Participant, sequence: number): ReturnType<typeof offerOf>[0] {
  const dialog = { ...participant.dialog, localSequence: sequence - 1 };
  return offerOf(room, { ...participant, dialog })[0];
}

/** The room whose participants have all their time again to be connected elsewhere: nobody was there to offer it. */
export function withTimeToConnect(room: Room, now: number): Room {
  return withEach(room, (one) => {
    const { media } = one;
    if (!isMsrp(media) || media.bindBy === undefined) return one;
    const later: MsrpMedia = { ...media, bindBy: now + rebindTime };
    return { ...one, media: later };
  });
}
