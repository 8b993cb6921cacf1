import { field, readAll } from '@parley/sip';
import type { RawField, SipRequest } from '@parley/sip';
import type { Challenger } from '@parley/sip-stack';

/** b64token of RFC 6750 §2.1, and no longer than anybody's. */
const token = /^[A-Za-z0-9\-._~+/]{1,8192}=*$/;

/** The bearer token among the credentials of a request; undefined where there is none that could be one. @spec RFC 8898 §2.2, §2.3 */
export function bearerToken(request: SipRequest, challenger: Challenger): string | undefined {
  const all = readAll(request, challenger === 'uas' ? field.authorization : field.proxyAuthorization);
  if (!all.ok) return undefined;
  for (const credentials of all.value) {
    if (credentials.kind !== 'other' || credentials.scheme.toLowerCase() !== 'bearer') continue;
    if (token.test(credentials.text)) return credentials.text;
  }
  return undefined;
}

/** What is wrong with a token, in a challenge. @spec RFC 8898 §4 */
export type BearerError = 'invalid_token' | 'invalid_scope';

/** What a bearer challenge says. */
export interface BearerChallenge {
  readonly realm: string;
  /** Where tokens are had. */
  readonly issuer: string;
  readonly scope: string | undefined;
  readonly error: BearerError | undefined;
}

/** A challenge to show a token. @spec RFC 8898 §4 */
export function bearerChallenge(challenger: Challenger, { realm, issuer, scope, error }: BearerChallenge): RawField {
  const parameters = { realm, authz_server: issuer, scope, error };
  const text = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${value.replace(/["\\]/g, '\\$&')}"`],
  );
  const definition = challenger === 'uas' ? field.wwwAuthenticate : field.proxyAuthenticate;
  return [definition.name, `Bearer ${text.join(', ')}`];
}
