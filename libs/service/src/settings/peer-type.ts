import { domain, hostPort } from './address-types.ts';
import type { SettingType } from './setting-type.ts';

const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;

/** The next hop of a foreign domain, instead of DNS. */
export interface FederationPeer {
  readonly domain: string;
  /** The next hop as it was written, a SIP URI. */
  readonly uri: string;
  readonly secure: boolean;
  readonly host: string;
  /** 5060, or 5061 with `sips` or TLS, when not written (RFC 3261 §19.1.2). */
  readonly port: number;
  readonly transport: (typeof transports)[number];
}

const grammar = /^([^=\s]+)=(sips?):([^;\s]+)(?:;transport=([a-z]+))?$/i;

/** `example.net=sip:192.0.2.7:5060;transport=tcp`; transport is UDP when not written, TLS with `sips`. */
export const federationPeer: SettingType<FederationPeer> = {
  allowed: `domain=sip:host[:port][;transport=${transports.join('|')}]`,
  parse: (text) => {
    const [, name = '', scheme = '', address = '', wanted = ''] = grammar.exec(text) ?? [];
    const secure = scheme.toLowerCase() === 'sips';
    const transport =
      wanted === '' ? (secure ? 'tls' : 'udp') : transports.find((known) => known === wanted.toLowerCase());
    const peer = domain.parse(name);
    const hop = hostPort(secure || transport === 'tls' ? 5061 : 5060).parse(address);
    if (peer === undefined || hop === undefined || transport === undefined) return undefined;
    return { domain: peer, uri: text.slice(text.indexOf('=') + 1), secure, transport, ...hop };
  },
};
