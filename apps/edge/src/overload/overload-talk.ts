import type { FederationPeer } from '@parley/service';
import type { SipMessage, SipResponse } from '@parley/sip';
import type { Flow, Hop } from '@parley/sip-stack';
import {
  offersOverloadControl,
  overloadOffer,
  withOverloadFeedback,
  withoutOverloadParameters,
} from '@parley/sip-stack';
import { closedFlow } from './closed-flow.ts';
import type { NextHopLoad } from './next-hop-load.ts';
import type { Overload } from './overload.ts';

/** What talk of overload is built from. */
export interface OverloadTalkOptions {
  readonly overload: Pick<Overload, 'feedback'>;
  readonly nextHops: NextHopLoad;
  /** Whom we tell how loaded we are. @spec RFC 7339 §5.2 (trust) */
  readonly isTrusted: (address: string) => boolean;
  /** Whom we ask for the same. */
  readonly peers: readonly FederationPeer[];
}

/** What neighbours and we tell each other of overload, hop by hop. @spec RFC 7339 §5 */
export class OverloadTalk {
  private readonly options: OverloadTalkOptions;
  /** Flows of neighbours that heed us. */
  private readonly heeding = new WeakSet<Flow>();
  private isHeeded = false;
  /** Flows to neighbours that we heed. */
  private readonly heeded = new WeakSet<Flow>();
  private readonly peerNames: ReadonlySet<string>;

  constructor(options: OverloadTalkOptions) {
    this.options = options;
    this.peerNames = new Set(options.peers.flatMap(({ domain, host }) => [domain, host.toLowerCase()]));
  }

  /** What is to be looked at of a message that came. */
  hear(message: SipMessage, flow: Flow): SipMessage {
    if (message.kind === 'response') {
      this.options.nextHops.heard(message, flow);
      return message;
    }
    if (!offersOverloadControl(message) || !this.options.isTrusted(flow.remote.address)) return message;
    this.heeding.add(flow);
    this.isHeeded = true;
    return withoutOverloadParameters(message);
  }

  /** A response on its way out, with what its receiver is to know. */
  answer(response: SipResponse, flow: Flow): SipResponse {
    if (!this.isHeeded || !this.heeding.has(flow)) return response;
    return withOverloadFeedback(response, this.options.overload.feedback());
  }

  /** Behind the sent-by of our Via: that we heed this neighbour. */
  offer(flow: Flow): string {
    return this.peerNames.size > 0 && this.heeded.has(flow) ? overloadOffer : '';
  }

  /** The flow to a hop; a closed one while the hop is to be left alone. */
  flowTo(hop: Hop, open: (hop: Hop) => Flow): Flow {
    if (!this.options.nextHops.admits(hop)) return closedFlow(hop);
    const flow = open(hop);
    if (this.peerNames.size > 0 && this.isPeer(hop)) this.heeded.add(flow);
    return flow;
  }

  private isPeer({ address, serverName }: Hop): boolean {
    return this.peerNames.has(serverName.toLowerCase()) || this.peerNames.has(address);
  }
}
