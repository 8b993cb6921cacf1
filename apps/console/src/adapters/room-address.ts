import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { escapeUser, unescapeUri } from '@parley/sip';

/** Octets of the longest name as it stands in a URI; the focus takes no longer one. */
const longestName = 128;

/** Characters that no name holds: controls, and halves of surrogate pairs. */
const unprintable = /[\p{Cc}\p{Cs}]/u;

/** The address of the conference factory is no room (RFC 4579 §5.4). */
const factory = 'factory';

/** URI of the room of this name, or what was expected of the name. */
export function roomUri(name: string, chatDomain: string): Result<string, string> {
  const user = unprintable.test(name) ? '' : escapeUser(name);
  if (user === '' || user.length > longestName) {
    return err(`expected 1 to ${longestName} printable characters; those that SIP escapes count three`);
  }
  return name === factory
    ? err(`${factory} is the address where rooms are made, not a room`)
    : ok(`sip:${user}@${chatDomain}`);
}

/** Name of a room, as people write it. */
export function roomName(uri: string): string {
  return unescapeUri(uri.slice(uri.indexOf(':') + 1, uri.lastIndexOf('@')));
}
