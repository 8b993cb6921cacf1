import type { SipRequest, SipResponse } from '@parley/sip';
import type { ClientTransaction, Flow, ResponseUser, ServerTransaction, TransactionUser } from '../src/index.ts';

/** A transaction user that notes what it is told, in words. */
export class RecordingUser implements TransactionUser, ResponseUser {
  readonly heard: string[] = [];
  readonly transactions: ServerTransaction[] = [];
  readonly responses: SipResponse[] = [];
  /** What to do with a request; by default nothing. */
  onArrival: (transaction: ServerTransaction) => void = () => {};
  cancelled: ServerTransaction | undefined;

  get last(): ServerTransaction {
    const transaction = this.transactions.at(-1);
    if (transaction === undefined) throw new Error('no request came');
    return transaction;
  }

  onRequest(transaction: ServerTransaction, request: SipRequest): void {
    this.heard.push(request.method);
    this.transactions.push(transaction);
    this.onArrival(transaction);
  }

  onCancel(cancel: ServerTransaction, target: ServerTransaction | undefined): void {
    this.heard.push('CANCEL');
    this.transactions.push(cancel);
    this.cancelled = target;
    this.onArrival(cancel);
  }

  onAck(ack: SipRequest, _flow: Flow, transaction: ServerTransaction | undefined): void {
    this.heard.push(transaction === undefined ? ack.method : `${ack.method} in transaction`);
  }

  onTrouble(_transaction: ServerTransaction, trouble: string): void {
    this.heard.push(trouble);
  }

  onProvisional(response: SipResponse): void {
    this.heard.push(String(response.statusCode));
    this.responses.push(response);
  }

  onFinal(response: SipResponse): void {
    this.heard.push(String(response.statusCode));
    this.responses.push(response);
  }

  onTimeout(_transaction: ClientTransaction): void {
    this.heard.push('timeout');
  }

  onTransportError(): void {
    this.heard.push('transport error');
  }
}
