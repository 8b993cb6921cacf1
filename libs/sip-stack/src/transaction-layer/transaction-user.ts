import type { TransportFailure } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { Flow } from '../flow.ts';
import type { ClientTransaction } from './client-transaction.ts';
import type { ServerTransaction } from './server-transaction.ts';

/** Why a server transaction tells its user that something went wrong. */
export type ServerTrouble =
  /** No ACK came for a non-2xx response (Timer H); the transaction is gone. @spec RFC 3261 §17.2.1 */
  | 'unacknowledged'
  /** The user never answered a non-INVITE request; the transaction is gone. @spec RFC 4320 §4.2 */
  | 'abandoned'
  /** The flow is closed; the transaction stays and can be moved to another. @spec RFC 6026 §8.8 */
  | 'unsendable';

/** The core above the transactions: a UAS, a proxy or both. @spec RFC 3261 §5 (transaction user) */
export interface TransactionUser {
  /** A new request, never a retransmission; answer it by `respond`, now or later. */
  onRequest(transaction: ServerTransaction, request: SipRequest): void;
  /** A CANCEL, and the INVITE transaction that it means; answer it with 200, or with 481 when there is none. @spec RFC 3261 §9.2 */
  onCancel(cancel: ServerTransaction, target: ServerTransaction | undefined): void;
  /** An ACK of a 2xx: it belongs to a dialog, and to a transaction only when its client is of RFC 2543. */
  onAck(ack: SipRequest, flow: Flow, transaction: ServerTransaction | undefined): void;
  onTrouble(transaction: ServerTransaction, trouble: ServerTrouble): void;
}

/** Who sent a request and waits for what becomes of it. One object may serve any number of transactions. */
export interface ResponseUser {
  onProvisional(response: SipResponse, transaction: ClientTransaction): void;
  /** Once; for an INVITE again with every 2xx, also with repeated ones, each of which wants its ACK. @spec RFC 6026 §8.4 */
  onFinal(response: SipResponse, transaction: ClientTransaction): void;
  /** No final response in time; stands for a 408. @spec RFC 3261 §8.1.3.1 */
  onTimeout(transaction: ClientTransaction): void;
  /** Nothing could be sent; stands for a 503. Never called before `sendRequest` has returned. @spec RFC 3261 §8.1.3.1 */
  onTransportError(transaction: ClientTransaction, failure: TransportFailure): void;
}
