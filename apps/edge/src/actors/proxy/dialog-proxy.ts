import type { SipRequest } from '@parley/sip';
import { withRequestUri } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { Peers } from '../../federation/peers.ts';
import { wayBeyond } from '../../federation/way-beyond.ts';
import type { FlowEnd } from '../../flows/flow-token.ts';
import type { Gruus } from '../../registrar/gruus.ts';
import type { DialogCourse } from '../../routing/dialog-course.ts';
import { forwardedRequest } from '../../routing/forward-request.ts';
import { withBreadth } from '../../routing/max-breadth.ts';
import { nextHop } from '../../routing/next-hop.ts';
import { isSecureRequest } from '../../routing/secure-targets.ts';
import type { DateText } from '../date-text.ts';
import type { DialogEnds } from '../rooms/dialog-ends.ts';
import type { BeyondProxy } from './beyond-proxy.ts';
import type { Forks, Target } from './forks.ts';
import type { Sender } from './sender.ts';

/** A course that leads somewhere. */
type KnownCourse = Exclude<DialogCourse, { readonly kind: 'half' }>;

/** What requests within dialogs are passed on with. */
export interface DialogProxyOptions {
  readonly realm: string;
  readonly date: DateText;
  readonly sender: Pick<Sender, 'acknowledge'>;
  readonly forks: Pick<Forks, 'begin'>;
  readonly ends: Pick<DialogEnds, 'wayTo' | 'bindingOf' | 'recordedFrom' | 'tokenOf'>;
  readonly gruus: Pick<Gruus, 'findTarget'>;
  readonly peers: Pick<Peers, 'find'>;
  readonly beyond: Pick<BeyondProxy, 'follow'>;
}

/** Passes on what is within dialogs of users: our Record-Routes say where. @spec RFC 3261 §16.6 (6, 7) */
export class DialogProxy {
  private readonly options: DialogProxyOptions;

  constructor(options: DialogProxyOptions) {
    this.options = options;
  }

  /** Passes a request on the course that the tokens in its Route gave. */
  forward(transaction: ServerTransaction, request: SipRequest, course: KnownCourse): void {
    if (course.kind === 'onward') {
      const origin = { account: course.from.account, asserted: [], isProved: true };
      this.options.beyond.follow(transaction, request, origin);
    } else this.toEnd(transaction, request, course.end, course.from);
  }

  /** Passes the ACK of a 2xx on. @spec RFC 3261 §16.10, §17 */
  acknowledge(ack: SipRequest, course: KnownCourse): void {
    const { ends, sender, peers } = this.options;
    const forwarded = this.forwarded(ack);
    if (course.kind !== 'onward') {
      sender.acknowledge(this.retargeted(forwarded, course.end), ends.wayTo(course.end));
      return;
    }
    const hop = nextHop(forwarded);
    if (hop !== undefined) sender.acknowledge(hop.request, wayBeyond(hop.uri, isSecureRequest(ack), peers)?.way);
  }

  private toEnd(transaction: ServerTransaction, came: SipRequest, end: FlowEnd, from: FlowEnd | undefined): void {
    const { ends } = this.options;
    const way = ends.wayTo(end);
    const forwarded = withBreadth(this.retargeted(this.forwarded(came), end), 1);
    // A NOTIFY may be the first that its receiver hears of the dialog (RFC 6665 §4.3).
    const target: Target =
      came.method === 'NOTIFY'
        ? {
            request: ends.recordedFrom(forwarded, transaction.flow, from?.account ?? '', from !== undefined),
            way: way && { ...way, record: ends.tokenOf(end) },
          }
        : { request: forwarded, way };
    this.options.forks.begin(transaction, came, { groups: [[[target]]], silence: 480 });
  }

  /** A GRUU in the Request-URI becomes the contact of its device. @spec RFC 5627 §6.1 */
  private retargeted(request: SipRequest, end: FlowEnd): SipRequest {
    const { ends, gruus } = this.options;
    const target = gruus.findTarget(request) === undefined ? undefined : ends.bindingOf(end)?.target;
    return target === undefined ? request : withRequestUri(request, target);
  }

  private forwarded(request: SipRequest): SipRequest {
    const { realm, date } = this.options;
    return forwardedRequest(request, { realm, date: date.line() });
  }
}
