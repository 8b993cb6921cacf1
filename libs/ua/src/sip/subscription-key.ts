import { field, read } from '@parley/sip';
import type { SipRequest } from '@parley/sip';

/**
 * Call-ID and our tag in one string.
 *
 * @param side - where our tag is: in From of a SUBSCRIBE that we send, in To of a NOTIFY that comes
 * @returns undefined when they cannot be read
 */
export function subscriptionKey(request: SipRequest, side: 'from' | 'to'): string | undefined {
  const callId = read(request, field.callId);
  const party = read(request, side === 'from' ? field.from : field.to);
  if (!callId.ok || callId.value === undefined || !party.ok || party.value?.tag === undefined) return undefined;
  return `${callId.value}\n${party.value.tag}`;
}
