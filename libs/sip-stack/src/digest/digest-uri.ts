import { equalHosts, equalUris, isSipUri, parseUri } from '@parley/sip';
import type { SipUri } from '@parley/sip';
import { numericHost } from '../resolution/numeric-host.ts';

/**
 * Whether the digest-uri of credentials may stand for the Request-URI that came.
 *
 * RFC 3261 §22.4 wants them equal, but every element on the way may rewrite the Request-URI, and clients leave out
 * ports and parameters, name an alias of the domain, or hash the address that they send to (SIPp, for every request).
 *
 * @deviation for those: two SIP URIs pass when they share the host or the user part (or both lack one), whatever their
 * scheme, port and parameters; so does a bare IP address. What protects against replay is the nonce count, not the URI.
 */
export function digestUriFits(digestUri: string, requestUri: string): boolean {
  if (digestUri === requestUri) return true;
  const said = parseUri(digestUri);
  const came = parseUri(requestUri);
  if (!said.ok || !came.ok) return false;
  if (!isSipUri(said.value) || !isSipUri(came.value)) return equalUris(said.value, came.value);
  const isSame = said.value.user === came.value.user || equalHosts(said.value.host, came.value.host);
  return isSame || isBareAddress(said.value);
}

function isBareAddress({ user, host }: SipUri): boolean {
  return user === undefined && numericHost(host) !== undefined;
}
