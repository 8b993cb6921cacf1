import type { SipRequest } from '@parley/sip';
import { field, readAll, readRaw } from '@parley/sip';

/** Whether the sender of a request directs proxies so, e.g. `no-fork`. @spec RFC 3841 §9.1 */
export function isDirected(request: SipRequest, directive: 'no-fork' | 'sequential'): boolean {
  if (readRaw(request, 'Request-Disposition') === undefined) return false;
  const directives = readAll(request, field.requestDisposition);
  return directives.ok && directives.value.some((each) => each.toLowerCase() === directive);
}
