import { equalHosts, equalUris, isSipUri, normaliseEscapes, parseUri } from '@parley/sip';
import type { SipUri } from '@parley/sip';
import { numericHost } from '../resolution/numeric-host.ts';

/** Whether two hosts name the same server; the one who asks knows its aliases. */
export type SameServer = (one: SipUri, other: SipUri) => boolean;

const sameHost: SameServer = (one, other) => equalHosts(one.host, other.host);

/**
 * Whether the digest-uri of credentials may stand for the Request-URI that came.
 *
 * RFC 3261 §22.4 wants them equal, and RFC 2617 §3.2.2.5 has the server know that a proxy on the way may have rewritten
 * one to an alias. Clients leave out ports and parameters, name an alias of the domain, or hash the address that they
 * send to (SIPp, for every request).
 *
 * @deviation for those, two SIP URIs pass when they have the same user part at the same server, whatever their scheme,
 * port and parameters; where one has no user part, when they have the same server; and a bare IP address always does. The
 * user part of the other never changes: credentials for a message to one user do not serve for one to another.
 * @param isSameServer - equal hosts by default
 */
export function digestUriFits(digestUri: string, requestUri: string, isSameServer = sameHost): boolean {
  if (digestUri === requestUri) return true;
  const said = parseUri(digestUri);
  const came = parseUri(requestUri);
  if (!said.ok || !came.ok) return false;
  if (!isSipUri(said.value) || !isSipUri(came.value)) return equalUris(said.value, came.value);
  if (isBareAddress(said.value)) return true;
  return isSameUser(said.value, came.value) && isSameServer(said.value, came.value);
}

function isSameUser({ user: one }: SipUri, { user: other }: SipUri): boolean {
  return one === undefined || other === undefined || normaliseEscapes(one) === normaliseEscapes(other);
}

function isBareAddress({ user, host }: SipUri): boolean {
  return user === undefined && numericHost(host) !== undefined;
}
