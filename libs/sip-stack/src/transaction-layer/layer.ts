import type { SipMessage, SipRequest, SipResponse, Via } from '@parley/sip';
import { createResponseTo } from '@parley/sip';
import { Fault } from '@parley/prelude';
import type { TransportFailure } from '@parley/prelude';
import type { Flow, FlowObserver } from '../flow.ts';
import type { ClientTransaction } from './client-transaction.ts';
import { ClientRecord } from './client-transaction.ts';
import { ClientTransactions } from './client-transactions.ts';
import { noCounts } from './layer-options.ts';
import type { TransactionCounts, TransactionLayerOptions } from './layer-options.ts';
import { ServerRecord } from './server-transaction.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { ServerTransactions } from './server-transactions.ts';
import { sentByOf } from './top-via.ts';
import type { ResponseUser } from './transaction-user.ts';

/** How a request is sent, beyond the request itself. */
export interface SendOptions {
  /** Ours to choose where a repeated attempt has to be recognised as one; by default a new one. */
  readonly branch?: string;
}

/** All transactions of one worker; give it to the transports as the observer of their flows. @spec RFC 3261 §17 */
export interface TransactionLayer extends FlowObserver, Disposable {
  /** Sends a request in a new client transaction, under a Via of ours. Not for ACK: see {@link sendAck}. */
  sendRequest(request: SipRequest, flow: Flow, user: ResponseUser, options?: SendOptions): ClientTransaction;
  /**
   * Cancels an INVITE: at once when a provisional response has come, else with the first that comes, and not at all
   * when a final one has. The INVITE still ends by its own final response or timeout.
   *
   * @param user - hears what becomes of the CANCEL itself; by default nobody
   * @spec RFC 3261 §9.1
   */
  cancel(transaction: ClientTransaction, user?: ResponseUser): void;
  /** Sends the ACK of a 2xx, which has no transaction, under a Via of ours. @spec RFC 3261 §13.2.2.4, §16.10 */
  sendAck(ack: SipRequest, flow: Flow): void;
  /**
   * Answers a request.
   *
   * @returns false when nothing was sent, because the transaction is over or RFC 4320 §4 forbids this response
   */
  respond(transaction: ServerTransaction, response: SipResponse): boolean;
  /**
   * For a UAS core, before it looks at a request: answers 482 when another copy of it came by another way.
   *
   * @returns whether it did, so that nothing is left to do
   * @spec RFC 3261 §8.2.2.2
   */
  rejectMerged(transaction: ServerTransaction): boolean;
  /** Whether a request under this top Via came before, so that its transaction, or what is left of it, answers. */
  hasSeen(via: Via, method: string): boolean;
  /** Gives an `unsendable` transaction the flow that was opened to its `responseTarget`; repeats the last response there. */
  moveTo(transaction: ServerTransaction, flow: Flow): void;
  /** Transactions in memory. */
  readonly size: { readonly client: number; readonly server: number };
  readonly counts: Readonly<TransactionCounts>;
}

const nobody: ResponseUser = { onProvisional() {}, onFinal() {}, onTimeout() {}, onTransportError() {} };

class Layer implements TransactionLayer {
  readonly counts: TransactionCounts = noCounts();
  private readonly clients: ClientTransactions;
  private readonly servers: ServerTransactions;

  constructor(options: TransactionLayerOptions) {
    this.clients = new ClientTransactions(options, this.counts);
    this.servers = new ServerTransactions(options, this.counts);
  }

  get size(): { readonly client: number; readonly server: number } {
    return { client: this.clients.size, server: this.servers.size };
  }

  onMessage(message: SipMessage, flow: Flow): void {
    if (message.kind === 'request') this.servers.receive(message, flow);
    else this.clients.receive(message);
  }

  onClosed(flow: Flow, failure: TransportFailure | undefined): void {
    this.clients.flowClosed(flow, failure);
  }

  sendRequest(request: SipRequest, flow: Flow, user: ResponseUser, options?: SendOptions): ClientTransaction {
    return this.clients.send(request, flow, user, options?.branch);
  }

  cancel(transaction: ClientTransaction, user: ResponseUser = nobody): void {
    if (!(transaction instanceof ClientRecord)) throw new Fault('not a client transaction of this layer');
    if (transaction.invite) this.clients.cancel(transaction, user);
  }

  sendAck(ack: SipRequest, flow: Flow): void {
    flow.send(this.clients.withVia(ack, flow));
  }

  respond(transaction: ServerTransaction, response: SipResponse): boolean {
    return this.servers.respond(recordOf(transaction), response);
  }

  rejectMerged(transaction: ServerTransaction): boolean {
    if (this.servers.claim(recordOf(transaction))) return false;
    return this.respond(transaction, createResponseTo(transaction.request, 482));
  }

  hasSeen(via: Via, method: string): boolean {
    return this.servers.hasSeen(via.branch ?? '', sentByOf(via), method);
  }

  moveTo(transaction: ServerTransaction, flow: Flow): void {
    this.servers.moveTo(recordOf(transaction), flow);
  }

  [Symbol.dispose](): void {
    this.clients.close();
    this.servers.close();
  }
}

function recordOf(transaction: ServerTransaction): ServerRecord {
  if (transaction instanceof ServerRecord) return transaction;
  throw new Fault('not a server transaction of this layer');
}

/** Builds the transactions of one worker. Disposing it forgets them all without a word. */
export function createTransactionLayer(options: TransactionLayerOptions): TransactionLayer {
  return new Layer(options);
}
