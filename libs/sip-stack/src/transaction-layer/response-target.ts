import type { Via } from '@parley/sip';

/** Where a response goes when the flow of its request is gone. */
export interface ResponseTarget {
  /** Of the Via, in upper case. */
  readonly transport: string;
  /** Address or name, IPv6 without brackets. */
  readonly host: string;
  /** Absent where a name has to be resolved by NAPTR and SRV first. @spec RFC 3263 §5 */
  readonly port?: number;
  /** For a multicast `maddr`. */
  readonly ttl?: number;
}

const unreliable = 'UDP';
const defaultPorts = new Map([
  ['UDP', 5060],
  ['TCP', 5060],
  ['SCTP', 5060],
  ['TLS', 5061],
  ['WS', 80],
  ['WSS', 443],
]);

/** IPv4, or IPv6 without brackets; the Via parser has seen that it is one of these or a name. */
const address = /^[\d.]+$|:/;

function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/**
 * Where a response is sent by its top Via, stamped by `stampSource`. Over a connection only when that of the request
 * is closed; a WebSocket client cannot be reached otherwise, so that there the attempt is in vain (RFC 7118 §5).
 *
 * @spec RFC 3261 §18.2.2, RFC 3581 §4
 */
export function responseTarget(via: Via): ResponseTarget {
  const transport = via.transport.toUpperCase();
  const port = via.port ?? defaultPorts.get(transport) ?? 5060;
  if (transport === unreliable && via.maddr !== undefined) {
    return { transport, host: bare(via.maddr), port, ...(via.ttl === undefined ? {} : { ttl: via.ttl }) };
  }
  if (via.received !== undefined) {
    const symmetric = transport === unreliable && typeof via.rport === 'number' ? via.rport : port;
    return { transport, host: via.received, port: symmetric };
  }
  const host = bare(via.host);
  const numeric = via.port !== undefined || address.test(host);
  return { transport, host, ...(numeric ? { port } : {}) };
}
