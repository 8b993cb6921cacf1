import type { FederationPeer } from '@parley/service';
import type { DnsPort, Flow, TargetUri } from '@parley/sip-stack';
import { numericHost } from '@parley/sip-stack';

/** A foreign domain whose next hop an operator named; it belongs to the trust domain of RFC 3325 §3. */
export interface Peer {
  readonly domain: string;
  readonly target: TargetUri;
}

/** The domains of `PARLEY_PEERS`. */
export class Peers {
  private readonly byDomain: ReadonlyMap<string, Peer>;
  private readonly dns: Pick<DnsPort, 'addresses'>;

  constructor(peers: readonly FederationPeer[], dns: Pick<DnsPort, 'addresses'>) {
    this.byDomain = new Map(peers.map((peer) => [peer.domain, { domain: peer.domain, target: targetOf(peer) }]));
    this.dns = dns;
  }

  find(domain: string): Peer | undefined {
    return this.byDomain.get(domain);
  }

  /**
   * Whether the one behind a flow is this peer: by its TLS certificate, else by the address of its next hop.
   *
   * @spec RFC 5922 §7.3
   */
  async proves({ domain, target }: Peer, { peerNames, remote }: Flow): Promise<boolean> {
    if (peerNames.includes(domain)) return true;
    const literal = numericHost(target.host);
    if (literal !== undefined) return literal === remote.address;
    const found = await this.dns.addresses(target.host);
    return found.ok && found.value.records.includes(remote.address);
  }
}

function targetOf({ secure, host, port, transport }: FederationPeer): TargetUri {
  return { secure: secure || transport === 'tls' || transport === 'wss', host, port, transport };
}
