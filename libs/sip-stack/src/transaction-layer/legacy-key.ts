import { field, read, readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';

function tagOf(request: SipRequest, definition: typeof field.from): string {
  const address = read(request, definition);
  return (address.ok ? address.value?.tag : undefined) ?? '';
}

/**
 * Key of a transaction whose client has no magic cookie. INVITE and ACK have the same form: an ACK carries the To tag of
 * the response, so the key of its INVITE is kept under that tag as well, see {@link legacyAckKey}.
 *
 * @param method - of the transaction: INVITE for an ACK
 * @spec RFC 3261 §17.2.3 (matching of RFC 2543 requests)
 */
export function legacyKey(request: SipRequest, method: string, toTag = tagOf(request, field.to)): string {
  const cSeq = (readRaw(request, 'CSeq') ?? '').split(/[ \t]/, 1)[0] ?? '';
  const callId = readRaw(request, 'Call-ID') ?? '';
  const via = readRaw(request, 'Via') ?? '';
  return [method, request.requestUri, tagOf(request, field.from), toTag, callId, cSeq, via].join('\n');
}

/** Key under which the ACK of this INVITE looks once the response with `toTag` was sent. @spec RFC 3261 §17.2.3 */
export function legacyAckKey(invite: SipRequest, toTag: string): string {
  return legacyKey(invite, 'INVITE', toTag);
}
