import type { HasAttributes } from './attributes.ts';
import { attributeValue, withoutAttributes } from './attributes.ts';
import type { MediaDescription } from './session-description.ts';

/** Who sends on a stream, seen from whoever wrote the description. @spec RFC 8866 §6.7 */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

const directions: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

function statedDirection(of: HasAttributes): Direction | undefined {
  return directions.find((direction) => attributeValue(of, direction) !== undefined);
}

/** The direction of a stream: its own, else that of the session, else `sendrecv`. @spec RFC 8866 §6.7 */
export function directionOf(session: HasAttributes, media: MediaDescription): Direction {
  return statedDirection(media) ?? statedDirection(session) ?? 'sendrecv';
}

/** A copy of the stream that states its direction; `sendrecv`, the default, is left unsaid. */
export function withDirection(media: MediaDescription, direction: Direction): MediaDescription {
  const plain = withoutAttributes(media, directions);
  if (direction === 'sendrecv') return plain;
  return { ...plain, attributes: [...plain.attributes, { name: direction }] };
}

/**
 * The direction of an answer: what the answerer is willing to do, as far as the offer leaves room for it.
 *
 * @spec RFC 3264 §6.1
 */
export function answerDirection(offered: Direction, willing: Direction): Direction {
  const sends =
    (willing === 'sendrecv' || willing === 'sendonly') && (offered === 'sendrecv' || offered === 'recvonly');
  const receives =
    (willing === 'sendrecv' || willing === 'recvonly') && (offered === 'sendrecv' || offered === 'sendonly');
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}
