import type { TransportFailure } from '@parley/prelude';
import type { SipResponse } from '@parley/sip';
import type { ClientTransaction } from '@parley/sip-stack';
import type { BranchUser } from './branch-user.ts';

/** What becomes of a hop that failed. */
export interface HopFailure {
  /** Notes it. */
  readonly note: () => void;
  /** Tries the next; undefined at the last. */
  readonly next: (() => void) | undefined;
}

/**
 * Passes on what a hop says, save that it failed: 503, a transport error, or not a word until the transaction ended. Then
 * the next is tried.
 *
 * @spec RFC 3263 §4.3
 */
export class HopUser implements BranchUser {
  private readonly user: BranchUser;
  private readonly failure: HopFailure;
  private heard = false;

  constructor(user: BranchUser, failure: HopFailure) {
    this.user = user;
    this.failure = failure;
  }

  sent(client: ClientTransaction): void {
    this.user.sent(client);
  }

  onProvisional(response: SipResponse, client: ClientTransaction): void {
    this.heard = true;
    this.user.onProvisional(response, client);
  }

  onFinal(response: SipResponse, client: ClientTransaction): void {
    if (response.statusCode !== 503) this.user.onFinal(response, client);
    else if (!this.goOn()) this.user.onFinal(response, client);
  }

  onTimeout(client: ClientTransaction): void {
    if (this.heard || !this.goOn()) this.user.onTimeout(client);
  }

  onTransportError(client: ClientTransaction, failure: TransportFailure): void {
    if (!this.goOn()) this.user.onTransportError(client, failure);
  }

  take(response: SipResponse): void {
    this.user.take(response);
  }

  lose(status: 404 | 480, why?: string): void {
    if (!this.goOn()) this.user.lose(status, why);
  }

  private goOn(): boolean {
    const { note, next } = this.failure;
    note();
    next?.();
    return next !== undefined;
  }
}
