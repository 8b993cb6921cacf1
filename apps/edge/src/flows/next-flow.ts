import type { TransportFailure } from '@parley/prelude';
import type { SipResponse } from '@parley/sip';
import type { ClientTransaction } from '@parley/sip-stack';
import type { BranchUser } from '../actors/proxy/branch-user.ts';
import { PassingUser } from '../actors/proxy/passing-user.ts';

/** Answers after which another flow of the device may be tried: nobody was there. @spec RFC 5626 §7 */
export const flowFailed: ReadonlySet<number> = new Set([408, 430]);

/**
 * Hears of one flow of a device, and tries the next when nobody is at its end. Any other answer is the device's own, and
 * passes.
 *
 * @spec RFC 5626 §7, RFC 5627 §6.1
 */
export class FlowAttempt extends PassingUser {
  private readonly tryNext: () => boolean;

  /** @param tryNext - sends the request over the next flow; false when none is left, or it is too late */
  constructor(user: BranchUser, tryNext: () => boolean) {
    super(user);
    this.tryNext = tryNext;
  }

  override onFinal(response: SipResponse, client: ClientTransaction): void {
    if (!flowFailed.has(response.statusCode) || !this.tryNext()) super.onFinal(response, client);
  }

  override onTimeout(client: ClientTransaction): void {
    if (!this.tryNext()) super.onTimeout(client);
  }

  override onTransportError(client: ClientTransaction, failure: TransportFailure): void {
    if (!this.tryNext()) super.onTransportError(client, failure);
  }

  override take(response: SipResponse): void {
    if (!flowFailed.has(response.statusCode) || !this.tryNext()) super.take(response);
  }

  override lose(status: 404 | 480, why?: string): void {
    if (!this.tryNext()) super.lose(status, why);
  }
}
