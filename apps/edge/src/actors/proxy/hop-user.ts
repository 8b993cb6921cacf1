import type { TransportFailure } from '@parley/prelude';
import type { SipResponse } from '@parley/sip';
import type { ClientTransaction } from '@parley/sip-stack';
import type { BranchUser } from './branch-user.ts';
import { PassingUser } from './passing-user.ts';

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
export class HopUser extends PassingUser {
  private readonly failure: HopFailure;

  constructor(user: BranchUser, failure: HopFailure) {
    super(user);
    this.failure = failure;
  }

  override onFinal(response: SipResponse, client: ClientTransaction): void {
    if (response.statusCode !== 503 || !this.goOn()) super.onFinal(response, client);
  }

  override onTimeout(client: ClientTransaction): void {
    if (this.heard || !this.goOn()) super.onTimeout(client);
  }

  override onTransportError(client: ClientTransaction, failure: TransportFailure): void {
    if (!this.goOn()) super.onTransportError(client, failure);
  }

  override lose(status: 404 | 480, why?: string): void {
    if (!this.goOn()) super.lose(status, why);
  }

  private goOn(): boolean {
    const { note, next } = this.failure;
    note();
    if (next === undefined || this.user.isCancelled === true) return false;
    next();
    return true;
  }
}
