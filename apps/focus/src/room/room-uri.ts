import type { Brand, Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { equalHosts, escapeUser, parseUri, unescapeUri } from '@parley/sip';

/** A conference URI in its one spelling: scheme sip, host in lower case, no port and no parameters. */
export type RoomUri = Brand<string, 'RoomUri'>;

/** Octets of the longest user part: encoded as a key it must stay far below the longest subject. */
const longestName = 128;

const unprintable = /[\u0000-\u001f\u007f]/;

/** Name of the conference factory, which is no room. @spec RFC 4579 §5.4 */
const factory = 'factory';

/**
 * Reads the URI of a room of this chat domain. The user part keeps its case (RFC 3261 §19.1.4).
 *
 * @returns a refusal 404 for what cannot be a room here
 */
export function parseRoomUri(text: string, chatDomain: string): Result<RoomUri, Refusal> {
  const uri = parseUri(text);
  if (!uri.ok || uri.value.kind !== 'sip') return noRoom('expected a SIP URI');
  const { user, host } = uri.value;
  if (!equalHosts(host, chatDomain)) return noRoom(`rooms of this server are at ${chatDomain}`);
  if (user === undefined || user === '') return noRoom('expected the name of a room');
  const plain = unescapeUri(user);
  const name = escapeUser(plain);
  if (name.length > longestName || unprintable.test(plain)) {
    return noRoom(`expected a name of at most ${longestName} printable characters`);
  }
  if (name === factory) return noRoom('the factory is not a room');
  return ok(`sip:${name}@${chatDomain.toLowerCase()}` as RoomUri); // checked above
}

/** Name of a room, as people write it. */
export function roomName(uri: RoomUri): string {
  return unescapeUri(uri.slice('sip:'.length, uri.lastIndexOf('@')));
}

function noRoom(message: string): Result<never, Refusal> {
  return err(refusal(404, 'Not Found', message));
}
