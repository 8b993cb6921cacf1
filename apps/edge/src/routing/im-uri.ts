import type { SipRequest } from '@parley/sip';
import { parseUri, withRequestUri } from '@parley/sip';

/**
 * The request with a SIP URI in place of an `im:` or `pres:` one: translated as early as possible, since the proxies behind
 * us need not know these schemes.
 *
 * @spec RFC 3428 §5, RFC 3861 §3
 */
export function withSipUri(request: SipRequest): SipRequest {
  if (!/^(?:im|pres):/i.test(request.requestUri)) return request;
  const uri = parseUri(request.requestUri);
  if (!uri.ok || uri.value.kind !== 'im') return request;
  return withRequestUri(request, `sip:${uri.value.user}@${uri.value.host}`);
}
