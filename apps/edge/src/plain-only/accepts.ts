import type { SipMessage, SipResponse } from '@parley/sip';
import { field, readAll, readRaw } from '@parley/sip';

/**
 * Whether a peer says that it takes bodies of a type; undefined when it says nothing about types.
 *
 * @spec RFC 3261 §20.1
 */
export function accepts(message: SipMessage, mediaType: string): boolean | undefined {
  if (readRaw(message, 'Accept') === undefined) return undefined;
  const accept = readAll(message, field.accept);
  if (!accept.ok) return undefined;
  const ranges = ['*/*', mediaType.replace(/\/.*/, '/*'), mediaType];
  return accept.value.some(({ range, q }) => q !== 0 && ranges.includes(range));
}

/** Whether a refusal says, by what it names as acceptable, that its device takes no CPIM at all. @spec RFC 3261 §21.4.13 */
export function refusesCpim(response: SipResponse): boolean {
  return response.statusCode === 415 && accepts(response, 'message/cpim') === false;
}

/** Whether a refusal may have meant the wrapper, so that the text in it may be taken. */
export function mayTakeText(response: SipResponse): boolean {
  const isAboutType = response.statusCode === 415 && accepts(response, 'message/cpim') !== true;
  return isAboutType && accepts(response, 'text/plain') !== false;
}
