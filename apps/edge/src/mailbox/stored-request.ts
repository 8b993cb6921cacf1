import type { SipRequest } from '@parley/sip';
import { field, readRaw, read, without } from '@parley/sip';

/** Fields that belong to the way on which a message came, not to the message. */
const ofTheWay = [field.via, field.route, field.recordRoute, field.maxForwards];

/** What of a message is stored: all but its way here. */
export function storedRequest(request: SipRequest): SipRequest {
  return ofTheWay.reduce((copy, definition) => without(copy, definition), request);
}

/** Names a message the same way each time that its client repeats it. @spec RFC 3261 §8.1.3.5, §17.2.3 */
export function identityOf(request: SipRequest): string {
  const from = read(request, field.from);
  const via = read(request, field.via);
  const tag = from.ok ? from.value?.tag : undefined;
  const branch = via.ok ? via.value?.branch : undefined;
  const parts = [readRaw(request, 'Call-ID'), readRaw(request, 'CSeq'), tag, branch];
  return parts.map((part) => part ?? '').join('\n');
}
