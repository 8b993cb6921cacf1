import type { Clock } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { field, read } from '@parley/sip';
import type { Flow, Hop, ServerTransaction } from '@parley/sip-stack';
import { defaultPort } from '@parley/sip-stack';
import { refuseForeign, senderDomain } from '../../federation/admit-foreign.ts';
import type { Peers } from '../../federation/peers.ts';
import { RateLimit } from '../../federation/rate-limit.ts';
import type { Responder } from './responder.ts';

/** Requests of one address that `open` takes: several users of a small domain at once, no flood. */
const strangers = { perSecond: 20, burst: 100 };

/** What the door is built from. */
export interface ForeignDoorOptions {
  readonly policy: 'off' | 'peers' | 'open';
  readonly peers: Peers;
  readonly clock: Clock;
  readonly responder: Pick<Responder, 'refuse'>;
  /** Makes a connection that came in the way to a hop. @spec RFC 5923 §3 */
  readonly adopt: (flow: Flow, hop: Hop) => void;
  /** Hears that the one behind a connection is a peer: it may be silent for longer. */
  readonly vouchFor: (flow: Flow) => void;
}

/** Lets requests of other domains in, or refuses them, as `PARLEY_FEDERATION` says. */
export class ForeignDoor {
  private readonly options: ForeignDoorOptions;
  private readonly limit = new RateLimit(strangers);

  constructor(options: ForeignDoorOptions) {
    this.options = options;
  }

  /**
   * Looks at a request; the answer of a refused one is given here.
   *
   * @param admitted - hears whether the one who brought it is of the trust domain
   */
  async admit(
    transaction: ServerTransaction,
    request: SipRequest,
    admitted: (trusted: boolean) => void,
  ): Promise<void> {
    const { policy, responder } = this.options;
    const domain = senderDomain(request);
    const { isPeer, isProved } = await this.proofOf(domain, transaction.flow);
    const isModest = isPeer || policy !== 'open' || this.isModest(transaction.flow);
    const refused = domain === undefined ? nobody : refuseForeign(policy, { isPeer, isProved, isModest });
    if (refused !== undefined) responder.refuse(transaction, refused);
    else {
      if (isProved) this.options.vouchFor(transaction.flow);
      if (domain !== undefined) this.reuse(transaction.flow, request, domain);
      admitted(isProved);
    }
  }

  /** A connection whose peer proved the domain by its certificate, and asks for it, carries our requests to it too. @spec RFC 5923 §5, §8 */
  private reuse(flow: Flow, request: SipRequest, domain: string): void {
    if (flow.protocol !== 'TLS' || !flow.peerNames.includes(domain)) return;
    const via = read(request, field.via);
    if (!via.ok || via.value?.parameters.has('alias') !== true) return;
    const port = via.value.port ?? defaultPort('TLS');
    this.options.adopt(flow, { protocol: 'TLS', address: flow.remote.address, port, serverName: domain });
  }

  private isModest({ remote }: Flow): boolean {
    return this.limit.take(remote.address, this.options.clock.now());
  }

  private async proofOf(domain: string | undefined, flow: Flow): Promise<{ isPeer: boolean; isProved: boolean }> {
    const { policy, peers } = this.options;
    const peer = domain === undefined || policy === 'off' ? undefined : peers.find(domain);
    return { isPeer: peer !== undefined, isProved: peer !== undefined && (await peers.proves(peer, flow)) };
  }
}

const nobody = refusal(403, 'Forbidden', 'expected From to name the domain that the request comes from');
