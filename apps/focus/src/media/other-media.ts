import type { Random } from '@parley/prelude';
import {
  createOffer,
  directionOf,
  originAt,
  parseSdp,
  refusedMedia,
  serialiseSdp,
  succeed,
  withDirection,
} from '@parley/sdp';
import type { Attribute, MediaDescription, SessionDescription } from '@parley/sdp';
import { nodeBytes } from '@parley/service';
import { descriptionId } from './description-id.ts';

/** Lines of a description, by their position. */
export type MediaLines = ReadonlyMap<number, MediaDescription>;

/** Whether a line is of those that a media server takes. @spec draft-ietf-simple-chat-03 §4 (REQ-2) */
export function isOtherMedia({ media, port }: MediaDescription): boolean {
  return port !== 0 && (media === 'audio' || media === 'video');
}

/** The audio and video lines of a description that are in use. */
export function otherLines({ media }: SessionDescription): MediaLines {
  return new Map([...media.entries()].filter(([, line]) => isOtherMedia(line)));
}

/** Whether lines are the same, as they were described. */
export function isSameLines(before: MediaLines, after: MediaLines): boolean {
  return JSON.stringify([...before]) === JSON.stringify([...after]);
}

/** A description of ours whose audio and video lines nobody serves any more. @spec RFC 3264 §8.2 */
export function withoutOtherMedia(ours: Uint8Array): Uint8Array {
  const before = parseSdp(ours, nodeBytes);
  if (!before.ok) return ours;
  const media = before.value.media.map((line) => (isOtherMedia(line) ? refusedMedia(line) : line));
  return serialiseSdp(succeed(before.value, { ...before.value, media }));
}

/** Whether two descriptions of a participant say the same of its other media. */
export function isSameMedia(before: SessionDescription, after: SessionDescription): boolean {
  const said = (of: SessionDescription): string => JSON.stringify([of.connection, of.attributes, [...otherLines(of)]]);
  return said(before) === said(after);
}

/**
 * What a media server is offered: the description of a participant with all but its audio and video lines refused, so that
 * every line keeps its position.
 *
 * @param previous - what it was offered before in its dialog
 * @spec RFC 3725 §4.1, RFC 3264 §8
 */
export function offerToServer(
  session: SessionDescription,
  previous: Uint8Array | undefined,
  random: Random,
): Uint8Array {
  const media = session.media.map((line) => (isOtherMedia(line) ? line : refusedMedia(line)));
  const origin = originAt(session.origin.unicastAddress, descriptionId(random));
  const { connection, bandwidths, times } = session;
  // The lines of a group are not all there.
  const attributes = session.attributes.filter(({ name }) => name !== 'group');
  const offer = createOffer(origin, media, { ...(connection && { connection }), bandwidths, times, attributes });
  const before = previous === undefined ? undefined : parseSdp(previous, nodeBytes);
  return serialiseSdp(before?.ok ? succeed(before.value, offer) : offer);
}

/** What of a session counts for a line that does not say otherwise, and can stand there as well. */
const inherited: ReadonlySet<string> = new Set(['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup']);

/** The lines of a media server's answer, each complete by itself: the session that they come to stand in is ours. */
export function answeredLines(body: Uint8Array): MediaLines {
  const answer = parseSdp(body.slice(), nodeBytes);
  if (!answer.ok) return new Map();
  const session = answer.value;
  return new Map([...otherLines(session)].map(([index, line]) => [index, standalone(session, line)]));
}

function standalone(session: SessionDescription, line: MediaDescription): MediaDescription {
  const { connection } = session;
  const connections = line.connections.length > 0 || connection === undefined ? line.connections : [connection];
  const isUnsaid = ({ name }: Attribute): boolean =>
    inherited.has(name) && !line.attributes.some((own) => own.name === name);
  const attributes = [...line.attributes, ...session.attributes.filter(isUnsaid)];
  return withDirection({ ...line, connections, attributes }, directionOf(session, line));
}
