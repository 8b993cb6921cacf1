import type { TransportProtocol } from '../flow.ts';

/** One place to try a request at, complete: nothing about it is left to look up. */
export interface Hop {
  readonly protocol: TransportProtocol;
  /** IPv4 or IPv6 literal, without brackets. */
  readonly address: string;
  readonly port: number;
  /** The name that the peer's TLS certificate has to prove: the domain of the URI, not the SRV target. @spec RFC 5922 §7 */
  readonly serverName: string;
}

/** What of a SIP URI decides where its request goes. */
export interface TargetUri {
  /** True for `sips:`. */
  readonly secure: boolean;
  /** The `maddr` parameter where there is one, else the host; IPv6 with or without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** The `transport` parameter, in any case. */
  readonly transport: string | undefined;
  /** Of an `im:` or `pres:` URI, whose domain may name a server for that service alone. @spec RFC 3861 §3 */
  readonly service?: 'im' | 'pres';
}

/** Port of a protocol for a URI without one. @spec RFC 3261 §19.1.2, RFC 7118 §5.3 (ports of RFC 6455) */
export function defaultPort(protocol: TransportProtocol): number {
  switch (protocol) {
    case 'UDP':
    case 'TCP':
      return 5060;
    case 'TLS':
      return 5061;
    case 'WS':
      return 80;
    case 'WSS':
      return 443;
  }
}
