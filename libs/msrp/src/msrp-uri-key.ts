import { canonicalIpv6 } from './ip-address.ts';
import type { MsrpUri } from './msrp-uri.ts';

const escape = /%([0-9A-Fa-f]{2})/g;
const unreserved = /^[A-Za-z0-9._~-]$/;

const decodeUnreserved = (text: string): string =>
  text.replace(escape, (whole, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    return unreserved.test(character) ? character : whole;
  });

function canonicalHost(host: string): string {
  if (host.startsWith('[')) return canonicalIpv6(host.slice(1, -1)) ?? host.toLowerCase();
  return decodeUnreserved(host).toLowerCase();
}

/**
 * A text that two URIs share exactly when they are equivalent: what to look a session up by.
 * Userinfo and parameters take no part; session identifiers keep their case.
 *
 * @spec RFC 4975 §6.1
 */
export function msrpUriKey(uri: MsrpUri): string {
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const session = uri.sessionId === undefined ? '' : `/${uri.sessionId}`;
  return `${uri.scheme}://${canonicalHost(uri.host)}${port}${session};${uri.transport.toLowerCase()}`;
}

/** Whether both name the same session or relay. @spec RFC 4975 §6.1 */
export function equalMsrpUris(a: MsrpUri, b: MsrpUri): boolean {
  return msrpUriKey(a) === msrpUriKey(b);
}
