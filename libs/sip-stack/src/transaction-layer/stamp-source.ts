import { field, read, withFirst } from '@parley/sip';
import type { SipRequest, Via } from '@parley/sip';
import type { Endpoint } from '../flow.ts';

/** Address without the brackets that IPv6 has in a host. */
function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1).toLowerCase() : host.toLowerCase();
}

/** The Via with where its request came from. @spec RFC 3261 §18.2.1, RFC 3581 §4 */
export function stampVia(via: Via, source: Endpoint): Via {
  const asked = via.rport !== undefined;
  const isNamed = !asked && bare(via.host) === source.address.toLowerCase();
  if (isNamed && via.received === undefined) return via;
  const { protocol, version, transport, host, port, branch, ttl, maddr, parameters } = via;
  const received = isNamed ? undefined : source.address;
  const rport = asked ? source.port : undefined;
  return { protocol, version, transport, host, port, branch, received, rport, ttl, maddr, parameters };
}

/**
 * Notes in the top Via where a request really came from, as a transport must before it passes the request up: `received`
 * where the sent-by names another host or `rport` was asked for, and `rport`. What the sender claims there is replaced.
 *
 * @returns the request as it came when there is nothing to note, or no Via that can be read
 * @spec RFC 3261 §18.2.1, RFC 3581 §4
 */
export function stampSource(request: SipRequest, source: Endpoint): SipRequest {
  const via = read(request, field.via);
  if (!via.ok || via.value === undefined) return request;
  const stamped = stampVia(via.value, source);
  return stamped === via.value ? request : withFirst(request, field.via, stamped);
}
