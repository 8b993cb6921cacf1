import type { Flow, TransportProtocol } from '@parley/sip-stack';

/** Where clients reach this edge. */
export interface PublicPorts {
  readonly sip: number;
  readonly sips: number;
  readonly sipWs: number;
}

/** How this edge names itself in Via and Record-Route. */
export class OwnUris {
  private readonly sentByProtocol: Readonly<Record<TransportProtocol, string>>;

  /** @param host - public host as a URI writes it */
  constructor(host: string, ports: PublicPorts) {
    const plain = `${host}:${ports.sip}`;
    const ws = `${host}:${ports.sipWs}`;
    this.sentByProtocol = { UDP: plain, TCP: plain, TLS: `${host}:${ports.sips}`, WS: ws, WSS: ws };
  }

  /** sent-by of our Via on a flow. @spec RFC 3261 §18.1.1 */
  sentBy({ protocol }: Flow): string {
    return this.sentByProtocol[protocol];
  }

  /** Whether a Via's sent-by is ours. */
  isOwn(sentBy: string): boolean {
    return Object.values(this.sentByProtocol).includes(sentBy);
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
    if (secure) return `<sips:${place}${protocol === 'WSS' ? ';transport=ws' : ''};lr>`;
    return `<sip:${place};transport=${protocol.toLowerCase()};lr>`;
  }
}
