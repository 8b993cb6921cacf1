import { field, read, readRaw, withFirst } from '@parley/sip';
import type { SipRequest, Via } from '@parley/sip';
import type { Endpoint } from '../flow.ts';
import { plainVia } from './plain-via.ts';
import { rawVia } from './raw-via.ts';

const port = /:\d+$/;
const emptyRport = /;rport(?=;|$)/i;
const received = /;received[=;]|;received$|;rport=/i;

/** Address without the brackets that IPv6 has in a host. */
function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1).toLowerCase() : host.toLowerCase();
}

/** The top Via where it is one plain value without a received of its own; undefined when it has to be parsed. */
function stampText(text: string, source: Endpoint): string | undefined {
  const plain = plainVia(text);
  if (plain === undefined || received.test(plain.parameters)) return undefined;
  const asked = emptyRport.test(plain.parameters);
  if (!asked && isHost(plain.sentBy, source.address)) return text;
  return `${asked ? text.replace(emptyRport, `;rport=${source.port}`) : text};received=${source.address}`;
}

/** Whether sent-by, with or without a port, names the address. */
function isHost(sentBy: string, address: string): boolean {
  return bare(sentBy.replace(port, '')) === address.toLowerCase();
}

function stampVia(via: Via, source: Endpoint): Via {
  const { received: _claimed, rport, ...rest } = via;
  const asked = rport !== undefined;
  if (!asked && bare(via.host) === source.address.toLowerCase()) return rest;
  return { ...rest, received: source.address, ...(asked ? { rport: source.port } : {}) };
}

/**
 * Notes in the top Via where a request really came from, as a transport must before it passes the request up: `received`
 * where the sent-by names another host or `rport` was asked for, and `rport`. What the sender claims there is replaced.
 *
 * @returns the request as it came when there is nothing to note, or no Via that can be read
 * @spec RFC 3261 §18.2.1, RFC 3581 §4
 */
export function stampSource(request: SipRequest, source: Endpoint): SipRequest {
  const text = readRaw(request, 'Via');
  if (text === undefined) return request;
  const stamped = stampText(text, source);
  if (stamped === text) return request;
  if (stamped !== undefined) return withFirst(request, rawVia, stamped);
  const via = read(request, field.via);
  if (!via.ok || via.value === undefined) return request;
  return withFirst(request, field.via, stampVia(via.value, source));
}
