import { answerDirection, directionOf, withDirection } from './direction.ts';
import type { MediaDescription, Origin, SessionDescription } from './session-description.ts';
import { refusedMedia, succeed } from './version.ts';

/** What the answerer brings along besides its choice of streams. */
export interface AnswerBase {
  /** Used for the first answer of a dialog; later ones go on from `previous`. */
  readonly origin: Origin;
  /** The description that the answerer sent last in this dialog, as offer or answer. */
  readonly previous?: SessionDescription;
  /** Parts of the session level, e.g. `connection`. */
  readonly session?: Partial<Pick<SessionDescription, 'sessionName' | 'connection' | 'attributes' | 'bandwidths'>>;
}

/**
 * What to do with one offered stream: the stream to answer with, or undefined to refuse it. Media type and transport
 * of the answer are those of the offer, whatever is given here.
 */
export type ChooseStream = (offered: MediaDescription, index: number) => MediaDescription | undefined;

function answerMedia(offer: SessionDescription, base: AnswerBase, choose: ChooseStream): readonly MediaDescription[] {
  return offer.media.map((offered, index) => {
    const chosen = offered.port === 0 ? undefined : choose(offered, index);
    if (chosen === undefined || chosen.port === 0) return refusedMedia(offered);
    const willing = directionOf({ attributes: base.session?.attributes ?? [] }, chosen);
    const direction = answerDirection(directionOf(offer, offered), willing);
    return withDirection({ ...chosen, media: offered.media, proto: offered.proto }, direction);
  });
}

/**
 * The answer to an offer: as many streams in the same order, the refused ones with port 0, directions that fit, the
 * offer's time, and a version that goes up when the answer differs from what was sent before.
 *
 * @spec RFC 3264 §6, §8
 */
export function answerTo(offer: SessionDescription, base: AnswerBase, choose: ChooseStream): SessionDescription {
  const answer: SessionDescription = {
    origin: base.origin,
    sessionName: '-',
    emails: [],
    phones: [],
    bandwidths: [],
    attributes: [],
    ...base.session,
    times: offer.times,
    media: answerMedia(offer, base, choose),
  };
  return base.previous === undefined ? answer : succeed(base.previous, answer);
}

/** Whether anything of the offer was accepted; if not, the offer as a whole is refused. @spec RFC 3264 §6.1 */
export function acceptsAnything(answer: SessionDescription): boolean {
  return answer.media.some(({ port }) => port !== 0);
}
