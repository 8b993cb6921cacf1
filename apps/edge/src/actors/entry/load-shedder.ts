import { nodeBytes } from '@parley/service';
import { answerAtGlance, glanceAt } from '@parley/sip';
import type { Glance, SipRequest } from '@parley/sip';
import { magicCookie, stampVia } from '@parley/sip-stack';
import type { Flow, ServerTransaction, TransactionLayer } from '@parley/sip-stack';
import type { Fate, Overload } from '../../overload/overload.ts';
import { kindAtGlance } from '../../overload/request-kind.ts';
import { mixed } from '../../routing/loop-mark.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { Responder } from './responder.ts';

/** Octets that are looked at of a datagram: more than the head of any usual request. */
const mostGlanced = 2048;

/** A flow over UDP, as far as a refusal needs it. */
export interface HeadFlow extends Pick<Flow, 'remote'> {
  sendHead(head: string): void;
}

/** What a load shedder is built from. */
export interface LoadShedderOptions {
  readonly overload: Pick<Overload, 'fateOf' | 'fateOfKind' | 'shedsDatagrams'>;
  readonly layer: Pick<TransactionLayer, 'hasSeen'>;
  readonly responder: Pick<Responder, 'reply'>;
  readonly telemetry: Pick<Telemetry, 'request' | 'response'>;
  /** Number that nobody can guess, for To tags. */
  readonly seed: number;
}

/** Answers 503 to requests that the edge cannot take, before it has spent anything on them. @spec RFC 3261 §21.5.4 */
export class LoadShedder {
  private readonly options: LoadShedderOptions;
  /** Whether the datagram that is being taken was decided about already. */
  private isDecided = false;

  constructor(options: LoadShedderOptions) {
    this.options = options;
  }

  /** Whether the request was answered here. */
  shed(transaction: ServerTransaction, request: SipRequest): boolean {
    const { reliable } = transaction.flow;
    if (!reliable && this.isDecided) return false;
    const fate = this.options.overload.fateOf(request, reliable);
    if (fate.kind === 'take') return false;
    const fields = fate.retryAfter === undefined ? [] : ([['Retry-After', String(fate.retryAfter)]] as const);
    this.options.responder.reply(transaction, 503, undefined, fields);
    return true;
  }

  /**
   * Whether the request in a datagram was answered here, without a transaction and without being read, which costs a tenth
   * of taking it. One that came before is never refused.
   *
   * @spec RFC 3261 §8.2.7
   */
  shedUnread(datagram: Uint8Array, flow: HeadFlow): boolean {
    const { overload, layer } = this.options;
    this.isDecided = false;
    if (!overload.shedsDatagrams) return false;
    const glance = glanceAt(nodeBytes.decodeLatin1(datagram, 0, Math.min(datagram.length, mostGlanced)));
    const branch = glance?.via.branch;
    if (glance === undefined || branch?.startsWith(magicCookie) !== true) return false;
    const kind = kindAtGlance(glance);
    if (kind === undefined) return false;
    const fate = overload.fateOfKind(kind, glance.isDirect, false, branch);
    this.isDecided = true;
    if (fate.kind === 'take' || glance.method === 'ACK' || layer.hasSeen(glance.via, glance.method)) return false;
    this.refuse(glance, flow, fate);
    return true;
  }

  /** The To tag is the same for each copy of a request. @spec RFC 3261 §8.2.7 */
  private refuse(glance: Glance, flow: HeadFlow, fate: Extract<Fate, { readonly kind: 'refuse' }>): void {
    const { telemetry, seed } = this.options;
    const via = stampVia(glance.via, flow.remote);
    const tag = (mixed(seed, glance.via.branch ?? '') >>> 0).toString(36);
    const fields = fate.retryAfter === undefined ? '' : `Retry-After: ${fate.retryAfter}\r\n`;
    flow.sendHead(answerAtGlance(glance, 503, via, tag, fields));
    telemetry.request(glance.method);
    telemetry.response(glance.method, 503);
  }
}
