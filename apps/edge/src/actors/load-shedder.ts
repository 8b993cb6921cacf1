import type { SipRequest } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { Overload } from '../overload/overload.ts';
import type { Responder } from './responder.ts';

/** Answers 503 to requests that the edge cannot take, before it has spent anything on them. @spec RFC 3261 §21.5.4 */
export class LoadShedder {
  private readonly overload: Pick<Overload, 'fateOf'>;
  private readonly responder: Pick<Responder, 'reply'>;

  constructor(overload: Pick<Overload, 'fateOf'>, responder: Pick<Responder, 'reply'>) {
    this.overload = overload;
    this.responder = responder;
  }

  /** Whether the request was answered here. */
  shed(transaction: ServerTransaction, request: SipRequest): boolean {
    const fate = this.overload.fateOf(request, transaction.flow.reliable);
    if (fate.kind === 'take') return false;
    const fields = fate.retryAfter === undefined ? [] : ([['Retry-After', String(fate.retryAfter)]] as const);
    this.responder.reply(transaction, 503, undefined, fields);
    return true;
  }
}
