import { refusal } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { Peers } from '../../federation/peers.ts';
import { wayBeyond } from '../../federation/way-beyond.ts';
import type { Origin } from '../../privacy/asserted-identity.ts';
import { identified } from '../../privacy/asserted-identity.ts';
import { demandingSupport } from '../../replace/plain-form.ts';
import { makesDialog } from '../../routing/dialog-requests.ts';
import { forwardedRequest } from '../../routing/forward-request.ts';
import { withSipUri } from '../../routing/im-uri.ts';
import { breadthOf, withBreadth } from '../../routing/max-breadth.ts';
import { nextHop } from '../../routing/next-hop.ts';
import { isSecureRequest } from '../../routing/secure-targets.ts';
import type { DateText } from '../date-text.ts';
import type { Responder } from '../entry/responder.ts';
import type { DialogEnds } from '../rooms/dialog-ends.ts';
import type { Forks } from './forks.ts';
import { letPass } from './let-pass.ts';
import type { PassingOptions } from './let-pass.ts';

/** What requests to other domains are forwarded with. */
export interface BeyondProxyOptions extends PassingOptions {
  readonly realm: string;
  readonly date: DateText;
  readonly responder: Pick<Responder, 'reply' | 'refuse' | 'veils'>;
  readonly forks: Pick<Forks, 'begin'>;
  readonly ends: Pick<DialogEnds, 'recordedFrom'>;
  readonly peers: Pick<Peers, 'find'>;
}

/** Forwards requests to where their Route, or their Request-URI in another domain, leads. @spec RFC 3261 §16.5, §16.6 (6, 7) */
export class BeyondProxy {
  private readonly options: BeyondProxyOptions;

  constructor(options: BeyondProxyOptions) {
    this.options = options;
  }

  /** Forwards a request outside of dialogs. */
  forward(transaction: ServerTransaction, came: SipRequest, origin: Origin): void {
    const request = letPass(transaction, came, origin, this.options);
    if (request === undefined) return;
    const forwarded = demandingSupport(this.forwarded(request), nodeBytes);
    if (!makesDialog(request)) this.send(transaction, request, forwarded, origin, undefined);
    else {
      const recorded = this.options.ends.recordedFrom(forwarded, transaction.flow, origin.account, false);
      this.send(transaction, request, recorded, origin, '');
    }
  }

  /** Forwards a request within a dialog, whose way is known. */
  follow(transaction: ServerTransaction, request: SipRequest, origin: Origin): void {
    this.send(transaction, request, this.forwarded(request), origin, undefined);
  }

  /** @param record - token of our Record-Route towards the next hop; undefined for none */
  private send(
    transaction: ServerTransaction,
    came: SipRequest,
    request: SipRequest,
    origin: Origin,
    record: string | undefined,
  ): void {
    const { peers, forks, responder } = this.options;
    const hop = nextHop(request);
    const beyond = hop && wayBeyond(hop.uri, isSecureRequest(came), peers);
    if (hop === undefined || beyond === undefined) responder.refuse(transaction, noWay);
    else if (breadthOf(came) < 1) responder.reply(transaction, 440);
    else {
      const copy = withBreadth(identified(withSipUri(hop.request), origin, beyond.trusted), 1);
      const target = { request: copy, way: record === undefined ? beyond.way : { ...beyond.way, record } };
      forks.begin(transaction, came, { groups: [[[target]]], silence: 504 });
    }
  }

  private forwarded(request: SipRequest): SipRequest {
    const { realm, date } = this.options;
    return forwardedRequest(request, { realm, date: date.line() });
  }
}

const noWay = refusal(480, 'Temporarily Unavailable', 'no way there that SIP can go as the request asks');
