import type { TransportFailure } from '@parley/prelude';
import type { SipResponse } from '@parley/sip';
import { createResponseTo, field, reasonPhrase, withoutFirst } from '@parley/sip';
import type { ClientTransaction, ResponseUser, ServerTransaction } from '@parley/sip-stack';
import { bestResponse } from '../page-mode/best-response.ts';
import { withChallenges } from '../page-mode/merge-challenges.ts';
import { Deadline } from './deadline-queue.ts';

/** What a fork needs of its surroundings. */
export interface ForkHost {
  /** Passes a response on to who sent the request. */
  answer(fork: Fork, response: SipResponse): void;
  cancel(client: ClientTransaction): void;
  /** An INVITE is being worked on. */
  provisional(fork: Fork): void;
  /** Every branch is done; nothing more comes. */
  ended(fork: Fork): void;
}

/** Answers that mean: the device was not reached. @spec RFC 3261 §21.4.9, RFC 5626 §11.5 */
const unreached: ReadonlySet<number> = new Set([408, 430, 480]);

/** One request that went out over several branches, and what has come back. @spec RFC 3261 §16.7 (response context) */
export class Fork implements ResponseUser {
  readonly transaction: ServerTransaction;
  readonly deadline: Deadline;
  private readonly host: ForkHost;
  private readonly invite: boolean;
  private readonly clients: ClientTransaction[] = [];
  private readonly challenges: SipResponse[] = [];
  private pending: number;
  private best: SipResponse | undefined;
  private decided = false;
  private cancelled = false;

  /** @param branches - how many outcomes will be told */
  constructor(transaction: ServerTransaction, branches: number, host: ForkHost) {
    this.transaction = transaction;
    this.pending = branches;
    this.host = host;
    this.invite = transaction.request.method === 'INVITE';
    this.deadline = new Deadline(() => {
      if (this.invite) this.cancel();
      else this.decide();
    });
  }

  /** Notes the transaction of a branch, so that it can be cancelled. */
  sent(client: ClientTransaction): void {
    this.clients.push(client);
    if (this.cancelled) this.host.cancel(client);
  }

  /** Cancels every branch that has no final response. @spec RFC 3261 §16.10, §9.2 */
  cancel(): void {
    this.cancelled = true;
    for (const client of this.clients) this.host.cancel(client);
  }

  onProvisional(response: SipResponse): void {
    if (!this.invite || this.decided || response.statusCode === 100) return;
    this.host.provisional(this);
    this.host.answer(this, withoutFirst(response, field.via));
  }

  onFinal(response: SipResponse): void {
    this.take(withoutFirst(response, field.via));
  }

  onTimeout(): void {
    this.lose(this.invite ? 408 : 480);
  }

  onTransportError(_client: ClientTransaction, _failure: TransportFailure): void {
    this.lose(480);
  }

  /** A branch could not be tried, or its device is gone. */
  lose(status: 408 | 480): void {
    this.take(createResponseTo(this.transaction.request, status));
  }

  /** The final response of a branch, without our Via. */
  take(response: SipResponse): void {
    const { statusCode } = response;
    if (statusCode < 300) this.accept(response);
    else this.keep(response);
    if (this.pending > 0) this.pending--;
    if (statusCode >= 600 && this.invite) this.cancel();
    if (this.pending === 0) this.decide();
  }

  private keep(response: SipResponse): void {
    if (response.statusCode === 401 || response.statusCode === 407) this.challenges.push(response);
    this.best = this.best === undefined ? response : bestResponse([this.best, response]);
  }

  /** A 2xx goes back at once; further ones only where each makes a dialog. @spec RFC 3261 §16.7 (5) */
  private accept(response: SipResponse): void {
    if (this.decided && !this.invite) return;
    const isFirst = !this.decided;
    this.decided = true;
    this.host.answer(this, response);
    if (isFirst && this.invite && this.pending > 1) this.cancel();
  }

  private decide(): void {
    this.deadline.leave();
    if (!this.decided) {
      this.decided = true;
      this.host.answer(this, this.finalOf(this.best));
    }
    if (this.pending === 0) this.host.ended(this);
  }

  /** 503 of a device says nothing of us, and RFC 4320 §4.2 knows no 408 here. @spec RFC 3261 §16.7 (6) */
  private finalOf(best: SipResponse | undefined): SipResponse {
    if (best === undefined || (!this.invite && unreached.has(best.statusCode))) {
      return createResponseTo(this.transaction.request, 480);
    }
    if (best.statusCode === 401 || best.statusCode === 407) return withChallenges(best, this.challenges);
    return best.statusCode === 503 ? { ...best, statusCode: 500, reasonPhrase: reasonPhrase(500) } : best;
  }
}
