import type { SipRequest } from '@parley/sip';
import { legacyKey } from './legacy-key.ts';
import { magicCookie, readTopVia } from './top-via.ts';

/** What a server transaction is found by. */
export interface ServerName {
  readonly branch: string;
  readonly sentBy: string;
  /** INVITE for an ACK. */
  readonly method: string;
  /** Whether its client is of RFC 2543, so that `branch` is a text of all that it is matched by. */
  readonly legacy: boolean;
}

/**
 * Name of the server transaction that a request belongs to: branch, sent-by and method, with ACK under its INVITE.
 *
 * @param as - method as which the request is looked up: INVITE finds what a CANCEL is to cancel
 * @returns undefined when there is no Via that can be read
 * @spec RFC 3261 §17.2.3, §9.2
 */
export function serverName(request: SipRequest, as = request.method): ServerName | undefined {
  const via = readTopVia(request);
  if (via === undefined) return undefined;
  const { branch, sentBy } = via;
  const method = as === 'ACK' ? 'INVITE' : as;
  // The cookie alone names nothing (RFC 4475 §3.2.1).
  if (branch?.startsWith(magicCookie) === true && branch !== magicCookie)
    return { branch, sentBy, method, legacy: false };
  return { branch: legacyKey(request, method), sentBy: '', method, legacy: true };
}
