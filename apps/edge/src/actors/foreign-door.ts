import type { Clock } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import type { Flow, ServerTransaction } from '@parley/sip-stack';
import { refuseForeign, senderDomain } from '../federation/admit-foreign.ts';
import type { Peers } from '../federation/peers.ts';
import { RateLimit } from '../federation/rate-limit.ts';
import type { Responder } from './responder.ts';

/** Requests of one address that `open` takes: several users of a small domain at once, no flood. */
const strangers = { perSecond: 20, burst: 100 };

/** What the door is built from. */
export interface ForeignDoorOptions {
  readonly policy: 'off' | 'peers' | 'open';
  readonly peers: Peers;
  readonly clock: Clock;
  readonly responder: Pick<Responder, 'refuse'>;
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
    if (refused === undefined) admitted(isProved);
    else responder.refuse(transaction, refused);
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
