import type { Clock } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import { withTop } from '@parley/sip';
import type {
  ClientTransaction,
  Flow,
  ServerTransaction,
  TransactionLayer,
  TransportProtocol,
} from '@parley/sip-stack';
import { magicCookie, timerC } from '@parley/sip-stack';
import type { AccountBook } from '../accounts/account-book.ts';
import { flowNameOf } from '../flows/flow-name.ts';
import type { FlowTable } from '../flows/flow-table.ts';
import type { FlowPair, FlowTokens } from '../flows/flow-token.ts';
import type { OwnUris } from '../flows/own-uris.ts';
import type { BindingBook } from '../location/binding-book.ts';
import { routeMessage } from '../page-mode/route-message.ts';
import type { Binding } from '../registrar/binding.ts';
import { makesDialog } from '../routing/dialog-requests.ts';
import { copyFor, forwardedRequest } from '../routing/forward-request.ts';
import { loopMark } from '../routing/loop-mark.ts';
import { rawRecordRoute } from '../routing/raw-route.ts';
import type { Way } from '../routing/way.ts';
import { wayTo } from '../routing/way.ts';
import type { Telemetry } from '../telemetry.ts';
import type { DateText } from './date-text.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { Fork } from './fork.ts';
import type { ForkHost } from './fork.ts';
import type { MessageProxy } from './message-proxy.ts';
import type { Responder } from './responder.ts';
import type { Sender } from './sender.ts';

/** Milliseconds after which a page-mode message that no device answered counts as not delivered. */
const messagePatience = 8_000;

/** What the proxy is built from. */
export interface UserProxyOptions {
  readonly instance: string;
  readonly realm: string;
  readonly clock: Clock;
  readonly layer: Pick<TransactionLayer, 'cancel' | 'sendAck'>;
  readonly responder: Responder;
  readonly sender: Sender;
  readonly messages: Pick<MessageProxy, 'post' | 'size'>;
  readonly accounts: Pick<AccountBook, 'find'>;
  readonly bindings: Pick<BindingBook, 'live'>;
  readonly telemetry: Telemetry;
  readonly date: DateText;
  readonly loopSeed: number;
  readonly flows: FlowTable;
  readonly tokens: FlowTokens;
  readonly uris: OwnUris;
}

/** Forwards requests to the devices of users here, and one final response back. @spec RFC 3261 §16 */
export class UserProxy implements ForkHost, Disposable {
  private readonly options: UserProxyOptions;
  private readonly forks = new Map<ServerTransaction, Fork>();
  private readonly messageDeadlines: DeadlineQueue;
  private readonly ringDeadlines: DeadlineQueue;

  constructor(options: UserProxyOptions) {
    this.options = options;
    this.messageDeadlines = new DeadlineQueue(options.clock, messagePatience, 250);
    this.ringDeadlines = new DeadlineQueue(options.clock, timerC, 1_000);
  }

  /** Requests that wait for a response. */
  get size(): number {
    return this.forks.size + this.options.messages.size;
  }

  /** Forwards a request to all live bindings of a user; a message that does not reach a device waits for it. */
  toUser(transaction: ServerTransaction, request: SipRequest, name: string): void {
    const { accounts, bindings, responder, telemetry, messages } = this.options;
    const route = routeMessage(accounts.find(name) !== undefined, bindings.live(name));
    const isMessage = request.method === 'MESSAGE';
    if (route.kind === 'unknown') {
      if (isMessage) telemetry.message('unknown');
      responder.reply(transaction, 404);
    } else if (isMessage) messages.post(transaction, request, name, route.kind === 'fork' ? route.bindings : []);
    else if (route.kind === 'fork') this.fork(transaction, request, route.bindings);
    else responder.reply(transaction, 480);
  }

  /** Passes a request within a dialog to its other end. @spec RFC 3261 §16.6 (6, 7) */
  inDialog(transaction: ServerTransaction, request: SipRequest, pair: FlowPair): void {
    const { responder } = this.options;
    const other = otherEnd(pair, transaction.flow);
    if (other === undefined) responder.refuse(transaction, notItsFlow);
    else this.begin(transaction, request, [{ request: this.forwarded(request), way: { kind: 'flow', flow: other } }]);
  }

  /** Passes the ACK of a 2xx to the other end of its dialog. @spec RFC 3261 §16.10 */
  acknowledge(ack: SipRequest, flow: Flow, pair: FlowPair): void {
    const other = otherEnd(pair, flow);
    const onward = other === undefined ? undefined : this.options.flows.find(other);
    if (onward !== undefined) this.options.layer.sendAck(this.forwarded(ack), onward);
  }

  /** Cancels what a CANCEL means; false when it is none of ours. */
  cancelled(transaction: ServerTransaction): boolean {
    const fork = this.forks.get(transaction);
    fork?.cancel();
    return fork !== undefined;
  }

  answer({ transaction }: Fork, response: SipResponse): void {
    const sent = this.options.responder.send(transaction, response);
    if (!sent || response.statusCode < 200) return;
    if (transaction.request.method === 'MESSAGE') this.options.telemetry.message(outcomeOf(response.statusCode));
  }

  cancel(client: ClientTransaction): void {
    this.options.layer.cancel(client);
  }

  ended(fork: Fork): void {
    this.forks.delete(fork.transaction);
  }

  [Symbol.dispose](): void {
    this.messageDeadlines[Symbol.dispose]();
    this.ringDeadlines[Symbol.dispose]();
  }

  /** Timer C starts again with each provisional response. @spec RFC 3261 §16.7 (2) */
  provisional({ deadline }: Fork): void {
    deadline.leave();
    this.ringDeadlines.join(deadline);
  }

  private fork(transaction: ServerTransaction, request: SipRequest, bindings: readonly Binding[]): void {
    const forwarded = this.forwarded(request);
    const branches = bindings.map((binding) => this.branchTo(binding, forwarded, transaction.flow));
    this.begin(transaction, request, branches);
  }

  private forwarded(request: SipRequest): SipRequest {
    const { realm, date } = this.options;
    return forwardedRequest(request, { realm, date: date.now() });
  }

  private branchTo(binding: Binding, forwarded: SipRequest, from: Flow): Branch {
    const way = wayTo(binding, this.options.instance);
    const copy = copyFor(forwarded, binding.target, binding.path);
    if (way?.kind !== 'flow' || !makesDialog(forwarded)) return { request: copy, way };
    return { request: this.recorded(copy, from, way.flow, binding.transport), way };
  }

  /** Our Record-Route; two where the ends differ in transport, so that each finds its own. @spec RFC 3261 §16.6 (4), RFC 5658 §4 */
  private recorded(copy: SipRequest, from: Flow, calleeFlow: string, calleeTransport: TransportProtocol): SipRequest {
    const { flows, tokens, uris } = this.options;
    flows.keep(from);
    const token = tokens.seal({ caller: flowNameOf(from), callee: calleeFlow });
    const towardsCaller = withTop(copy, rawRecordRoute, uris.route(token, from.protocol));
    return from.protocol === calleeTransport
      ? towardsCaller
      : withTop(towardsCaller, rawRecordRoute, uris.route(token, calleeTransport));
  }

  private begin(transaction: ServerTransaction, came: SipRequest, branches: readonly Branch[]): void {
    const { loopSeed, sender } = this.options;
    const fork = new Fork(transaction, branches.length, this);
    this.forks.set(transaction, fork);
    if (came.method === 'MESSAGE') this.messageDeadlines.join(fork.deadline);
    else if (came.method === 'INVITE') this.ringDeadlines.join(fork.deadline);
    const mark = magicCookie + loopMark(came, loopSeed);
    for (const { request, way } of branches) sender.send(request, way, fork, mark);
  }
}

/** One copy of a request, and how it gets to its target. */
interface Branch {
  readonly request: SipRequest;
  readonly way: Way | undefined;
}

/** The end of the dialog that is not the one the request came from; undefined when it came from elsewhere. */
function otherEnd({ caller, callee }: FlowPair, from: Flow): string | undefined {
  const name = flowNameOf(from);
  if (name === caller) return callee;
  return name === callee ? caller : undefined;
}

const notItsFlow = refusal(403, 'Forbidden', 'expected the request over a connection of its dialog');

function outcomeOf(status: number): 'delivered' | 'refused' | 'unreachable' | 'failed' {
  if (status < 300) return 'delivered';
  if (status === 480) return 'unreachable';
  return status >= 500 && status < 600 ? 'failed' : 'refused';
}
