import { sdpText } from './serialise.ts';
import type { MediaDescription, Origin, SessionDescription } from './session-description.ts';

/** The origin of the next version of a session. @spec RFC 3264 §8 */
export function nextVersion(origin: Origin): Origin {
  return { ...origin, sessVersion: String(BigInt(origin.sessVersion) + 1n) };
}

/** A stream refused or removed: port 0, and of the rest only what the grammar wants. @spec RFC 3264 §6, §8.2 */
export function refusedMedia(media: MediaDescription): MediaDescription {
  const { proto, formats } = media;
  return { media: media.media, port: 0, proto, formats, connections: [], bandwidths: [], attributes: [] };
}

/**
 * `next` as the successor of `previous`: the same origin, its version one higher if anything else changed and equal if
 * nothing did; streams that `next` no longer has stay as removed ones, since their number never decreases.
 *
 * @spec RFC 3264 §8, RFC 4975 §8.4
 */
export function succeed(previous: SessionDescription, next: SessionDescription): SessionDescription {
  const media = [...next.media, ...previous.media.slice(next.media.length).map(refusedMedia)];
  const same = { ...next, media, origin: previous.origin };
  return sdpText(same) === sdpText(previous) ? same : { ...same, origin: nextVersion(previous.origin) };
}
