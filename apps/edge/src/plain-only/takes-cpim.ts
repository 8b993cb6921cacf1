import type { SipMessage, SipResponse } from '@parley/sip';
import { field, readAll, readRaw } from '@parley/sip';

/** Whether a peer says that it takes `message/cpim`; undefined when it says nothing about it. @spec RFC 3261 §20.1 */
export function takesCpim(message: SipMessage): boolean | undefined {
  if (readRaw(message, 'Accept') === undefined) return undefined;
  const accept = readAll(message, field.accept);
  if (!accept.ok) return undefined;
  return accept.value.some(({ range, q }) => q !== 0 && ['message/cpim', 'message/*', '*/*'].includes(range));
}

/** Whether a refusal says, by what it names as acceptable, that its device takes no CPIM at all. @spec RFC 3261 §21.4.13 */
export function refusesCpim(response: SipResponse): boolean {
  return response.statusCode === 415 && takesCpim(response) === false;
}
