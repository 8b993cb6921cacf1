import type { Flow, TransportProtocol } from '@parley/sip-stack';

/** Where clients reach this edge. */
export interface PublicPorts {
  readonly sip: number;
  readonly sips: number;
  readonly sipWs: number;
}

/** Where clients reach this edge, as people read it. */
export function addressesOf(host: string, { sip, sips, sipWs }: PublicPorts): readonly string[] {
  return [
    `sip:${host}:${sip};transport=udp`,
    `sip:${host}:${sip};transport=tcp`,
    `sips:${host}:${sips}`,
    `sip:${host}:${sipWs};transport=ws`,
  ];
}

/** How this edge names itself in Via and Record-Route. */
export class OwnUris {
  private readonly sentByProtocol: Readonly<Record<TransportProtocol, string>>;
  private readonly reused: string;

  /** @param host - public host as a URI writes it */
  constructor(host: string, ports: PublicPorts) {
    const plain = `${host}:${ports.sip}`;
    const ws = `${host}:${ports.sipWs}`;
    this.reused = `${host}:${ports.sips};alias`;
    this.sentByProtocol = { UDP: plain, TCP: plain, TLS: `${host}:${ports.sips}`, WS: ws, WSS: ws };
  }

  /** Port of ours for a transport. */
  portFor(protocol: TransportProtocol): number {
    return Number(this.sentByProtocol[protocol].replace(/^.*:/, ''));
  }

  /** sent-by of our Via on a flow; over TLS the peer may send its own requests back the same way. @spec RFC 3261 §18.1.1, RFC 5923 §4.1 */
  sentBy({ protocol }: Flow): string {
    return protocol === 'TLS' ? this.reused : this.sentByProtocol[protocol];
  }

  /**
   * Value of a Record-Route or Path that leads back here.
   *
   * @param token - empty where no flow has to be named
   * @param secure - whether it is for a `sips:` request, whose route set has to be of that scheme
   * @spec RFC 3261 §16.6 (4), RFC 5630 §5.3
   */
  route(token: string, protocol: TransportProtocol, secure = false): string {
    const place = `${token === '' ? '' : `${token}@`}${this.sentByProtocol[protocol]}`;
    if (secure && (protocol === 'TLS' || protocol === 'WSS')) {
      return `<sips:${place}${protocol === 'WSS' ? ';transport=ws' : ''};lr>`;
    }
    return `<sip:${place};transport=${protocol.toLowerCase()};lr>`;
  }
}
