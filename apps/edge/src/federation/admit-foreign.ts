import type { Refusal } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import type { SipRequest, Uri } from '@parley/sip';
import { field, read } from '@parley/sip';

/** Host of a From that says nothing. @spec RFC 3323 §4.1.1.3 */
const anonymousHost = 'anonymous.invalid';

/** Whether a URI names nobody. */
export function isAnonymous(uri: Uri): boolean {
  return uri.kind === 'sip' && uri.host.toLowerCase() === anonymousHost;
}

/**
 * The domain that the request says it comes from, in lower case: that of From; where From is anonymous, that of the
 * identity that the last hop vouches for.
 */
export function senderDomain(request: SipRequest): string | undefined {
  const from = read(request, field.from);
  if (!from.ok || from.value === undefined) return undefined;
  const { uri } = from.value;
  if (!isAnonymous(uri)) return hostOf(uri);
  const asserted = read(request, field.pAssertedIdentity);
  return asserted.ok && asserted.value !== undefined ? hostOf(asserted.value.uri) : undefined;
}

function hostOf(uri: Uri): string | undefined {
  return uri.kind === 'sip' || uri.kind === 'im' ? uri.host.toLowerCase() : undefined;
}

/** What is known of a sender of another domain. */
export interface ForeignSender {
  /** Whether its domain is among `PARLEY_PEERS`. */
  readonly isPeer: boolean;
  /** Whether the last hop has proved to be that peer. */
  readonly isProved: boolean;
  /** Whether it keeps to the rate of strangers. */
  readonly isModest: boolean;
}

/** Why a request of another domain is not let in; undefined when it is. */
export function refuseForeign(
  policy: 'off' | 'peers' | 'open',
  { isPeer, isProved, isModest }: ForeignSender,
): Refusal | undefined {
  if (policy === 'off') return notHere;
  if (isPeer) return isProved ? undefined : notProved;
  if (policy === 'peers') return notPeer;
  return isModest ? undefined : tooMany;
}

const notHere = refusal(403, 'Forbidden', 'requests of other domains are not accepted here');
const notPeer = refusal(403, 'Forbidden', 'requests of this domain are not accepted here');
const notProved = refusal(
  403,
  'Forbidden',
  'requests of this domain are accepted from its own server alone, by its address or its TLS certificate',
);
const tooMany: Refusal = {
  ...refusal(503, 'Service Unavailable', 'too many requests from this address'),
  retryAfter: 1,
};
