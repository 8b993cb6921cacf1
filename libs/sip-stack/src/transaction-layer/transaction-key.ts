import type { SipMessage, SipRequest } from '@parley/sip';
import { legacyKey } from './legacy-key.ts';
import { cSeqMethod, magicCookie, readTopVia } from './top-via.ts';

/** Key of a server transaction, and whether its client is of RFC 2543. */
export interface ServerKey {
  readonly key: string;
  readonly legacy: boolean;
}

/**
 * Key of the server transaction that a request belongs to: branch, sent-by and method, with ACK under its INVITE.
 *
 * @param method - as which the request is looked up: INVITE finds what a CANCEL is to cancel
 * @returns undefined when there is no Via that can be read
 * @spec RFC 3261 §17.2.3, §9.2
 */
export function serverKey(request: SipRequest, method = request.method): ServerKey | undefined {
  const via = readTopVia(request);
  if (via === undefined) return undefined;
  const kind = method === 'ACK' ? 'INVITE' : method;
  if (via.branch?.startsWith(magicCookie) !== true) return { key: legacyKey(request, kind), legacy: true };
  const name = `${via.branch} ${via.sentBy}`;
  return { key: kind === 'INVITE' ? name : `${kind} ${name}`, legacy: false };
}

/** Key of a client transaction: its branch, which a CANCEL shares with its INVITE. @spec RFC 3261 §17.1.3 */
export function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `CANCEL ${branch}` : branch;
}

/**
 * Key of the client transaction that a response belongs to, by the top Via's branch and the CSeq's method.
 *
 * @returns undefined when either cannot be read
 */
export function responseKey(
  response: SipMessage,
  method: string | undefined = cSeqMethod(response),
): string | undefined {
  const branch = readTopVia(response)?.branch;
  return branch === undefined || method === undefined ? undefined : clientKey(branch, method);
}
