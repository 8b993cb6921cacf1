import type { SipRequest } from '@parley/sip';
import { field, read } from '@parley/sip';
import type { Hop } from '@parley/sip-stack';
import { numericHost, responseTarget } from '@parley/sip-stack';

/** Where to connect with a response whose connection is gone; undefined where the peer cannot be connected to. @spec RFC 3261 §18.2.2 */
export function responseHop(request: SipRequest): Hop | undefined {
  const via = read(request, field.via);
  if (!via.ok || via.value === undefined) return undefined;
  const { transport, host, port } = responseTarget(via.value);
  const address = numericHost(host);
  if (address === undefined || port === undefined || (transport !== 'TCP' && transport !== 'TLS')) return undefined;
  return { protocol: transport, address, port, serverName: via.value.host };
}
