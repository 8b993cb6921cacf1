import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { isMsrp } from '../media/msrp-media.ts';
import { newTerms } from '../media/new-terms.ts';
import { isPaused, readDescription } from '../media/offer.ts';
import type { SipRefusal } from '../sip/sip-refusal.ts';
import { sipRefusal } from '../sip/sip-refusal.ts';
import type { Effect } from './decision.ts';
import type { Participant } from './participant.ts';
import type { Room } from './room.ts';

/** A participant that has answered an offer of ours, and what its switch is to know of it. */
export interface Answered {
  readonly participant: Participant;
  readonly effects: readonly Effect[];
}

/**
 * Takes the answer to an offer of ours: from now on it is known where the participant's streams come from. Those that it
 * refused are closed.
 *
 * @param now - milliseconds since 1970
 * @returns a refusal when it is no answer that a room can use: the dialog has to end (RFC 3261 §13.2.2.4)
 * @spec RFC 3264 §7
 */
export function takeAnswer(
  room: Room,
  participant: Participant,
  body: Uint8Array,
  now: number,
): Result<Answered, SipRefusal> {
  const { media } = participant;
  if (!isMsrp(media)) return err(sipRefusal(488, 'nothing was offered'));
  const answer = readDescription(body.slice());
  if (!answer.ok) return err(answer.error);
  const said = new Map(answer.value.streams.map(({ index, msrp }) => [index, msrp]));
  const streams = media.streams.flatMap((stream) => {
    const msrp = said.get(stream.index);
    return msrp === undefined ? [] : [{ ...stream, paused: isPaused(msrp) }];
  });
  const negotiated = { ...media, streams, remoteSdp: answer.value.bytes, isOffering: false, answeredAt: now };
  const answered = { ...participant, media: negotiated };
  const refused = media.streams.filter(({ index, session }) => session !== '' && !said.has(index));
  const closed = refused.map(({ switchInstance, session }): Effect => {
    return { kind: 'CloseSession', switchInstance, session, reason: 'refused by the participant' };
  });
  return ok({ participant: answered, effects: [...newTerms(room, answered), ...closed] });
}
