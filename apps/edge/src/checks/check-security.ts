import type { SipRequest } from '@parley/sip';
import { field, read } from '@parley/sip';
import type { Flow } from '@parley/sip-stack';
import { isSecureRequest } from '../routing/secure-targets.ts';
import type { Rejection } from './rejection.ts';

const secure: ReadonlySet<string> = new Set(['TLS', 'WSS']);

/**
 * 400 for a `sips:` request that did not come over TLS: its URI and its way contradict each other. TLS may end in front of
 * the port; then the Via of the client says that it began there.
 *
 * @spec RFC 3261 §26.2.2, RFC 5630 §5.3
 */
export function rejectInsecure(request: SipRequest, { protocol }: Flow): Rejection | undefined {
  if (!isSecureRequest(request) || secure.has(protocol)) return undefined;
  const via = read(request, field.via);
  const isBehindTls = via.ok && via.value !== undefined && secure.has(via.value.transport.toUpperCase());
  return isBehindTls ? undefined : { status: 400, phrase: 'SIPS Needs TLS' };
}
