import { field, readAll } from '@parley/sip';
import type { DigestCredentials, SipRequest } from '@parley/sip';
import type { Challenger } from './challenge.ts';

/** The credentials for a realm among those that a request carries; `malformed` when one of them cannot be read. */
export function credentialsFor(
  request: SipRequest,
  challenger: Challenger,
  realm: string,
): DigestCredentials | 'malformed' | undefined {
  const all = readAll(request, challenger === 'uas' ? field.authorization : field.proxyAuthorization);
  if (!all.ok) return 'malformed';
  for (const credentials of all.value) {
    if (credentials.kind === 'digest' && credentials.realm === realm) return credentials;
  }
  return undefined;
}

/** A username as people type it: the account's name, or its whole address. */
export interface DigestUsername {
  readonly name: string;
  /** What follows the `@`, in lower case; undefined for a bare name. */
  readonly domain: string | undefined;
}

/**
 * Splits a username at its last `@`; a leading `sip:` or `sips:` is dropped, as some clients put the whole URI there.
 *
 * @note The digest was made over the username as it came, so an account needs an HA1 for each spelling that it allows.
 */
export function splitUsername(username: string): DigestUsername {
  const bare = username.replace(/^sips?:/i, '');
  const at = bare.lastIndexOf('@');
  return at <= 0
    ? { name: bare, domain: undefined }
    : { name: bare.slice(0, at), domain: bare.slice(at + 1).toLowerCase() };
}
