import type { TransportProtocol } from '../flow.ts';
import type { NaptrRecord } from './dns-port.ts';
import type { TargetUri } from './hop.ts';

/** Where SRV looks for a protocol. The order is our preference where the domain states none. @spec RFC 3263 §4.1, RFC 7118 §5.3 */
const services: readonly {
  readonly protocol: TransportProtocol;
  readonly naptr: string;
  readonly srv: string;
}[] = [
  { protocol: 'TLS', naptr: 'SIPS+D2T', srv: '_sips._tcp' },
  { protocol: 'TCP', naptr: 'SIP+D2T', srv: '_sip._tcp' },
  { protocol: 'UDP', naptr: 'SIP+D2U', srv: '_sip._udp' },
  { protocol: 'WSS', naptr: 'SIPS+D2W', srv: '_sips._ws' },
  { protocol: 'WS', naptr: 'SIP+D2W', srv: '_sip._ws' },
];

/** A name to ask SRV for, and the protocol that its targets speak. */
export interface SrvQuestion {
  readonly protocol: TransportProtocol;
  readonly name: string;
}

/** Whether a protocol keeps the promise of a `sips:` URI. @spec RFC 3261 §26.2.2 */
export function isSecure(protocol: TransportProtocol): boolean {
  return protocol === 'TLS' || protocol === 'WSS';
}

function allowed(uri: TargetUri, supported: readonly TransportProtocol[], protocol: TransportProtocol): boolean {
  return supported.includes(protocol) && (!uri.secure || isSecure(protocol));
}

/** The protocol that the URI itself demands, if any; undefined for a transport parameter that nobody speaks here. */
export function protocolOfParameter(uri: TargetUri): TransportProtocol | undefined {
  switch (uri.transport?.toLowerCase()) {
    case 'udp':
      return uri.secure ? undefined : 'UDP';
    case 'tcp':
      return uri.secure ? 'TLS' : 'TCP';
    case 'tls':
      return 'TLS';
    case 'ws':
      return uri.secure ? 'WSS' : 'WS';
    case 'wss':
      return 'WSS';
    default:
      return undefined;
  }
}

/** SRV questions that the NAPTR records of the domain lead to, best first. @spec RFC 3263 §4.1 */
export function questionsOfNaptr(
  uri: TargetUri,
  records: readonly NaptrRecord[],
  supported: readonly TransportProtocol[],
): SrvQuestion[] {
  return [...records]
    .filter((record) => record.flags.toLowerCase() === 's')
    .sort((a, b) => a.order - b.order || a.preference - b.preference)
    .flatMap((record) => {
      const service = services.find(({ naptr }) => naptr === record.service.toUpperCase());
      if (service === undefined || !allowed(uri, supported, service.protocol)) return [];
      return [{ protocol: service.protocol, name: record.replacement }];
    });
}

/** SRV questions for a domain without NAPTR records: one for each protocol we speak. @spec RFC 3263 §4.1 */
export function questionsWithoutNaptr(uri: TargetUri, supported: readonly TransportProtocol[]): SrvQuestion[] {
  return services
    .filter(({ protocol }) => allowed(uri, supported, protocol))
    .map(({ protocol, srv }) => ({ protocol, name: `${srv}.${uri.host}` }));
}

/** The SRV question of a protocol that the URI names. @spec RFC 3263 §4.2 */
export function questionOf(protocol: TransportProtocol, host: string): SrvQuestion {
  const service = services.find((entry) => entry.protocol === protocol);
  return { protocol, name: `${service?.srv ?? ''}.${host}` };
}
