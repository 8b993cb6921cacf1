import type { SipResponse } from '@parley/sip';
import type { ClientTransaction } from '@parley/sip-stack';
import type { BranchUser } from '../actors/sender.ts';

/** Answers after which another flow of the device may be tried: nobody was there. @spec RFC 5626 §7 */
const flowFailed: ReadonlySet<number> = new Set([408, 430]);

/**
 * Hears of one flow of a device, and tries the next when nobody is at its end. Any other answer is the device's own, and
 * passes.
 *
 * @spec RFC 5626 §7, RFC 5627 §6.1
 */
export class FlowAttempt implements BranchUser {
  private readonly user: BranchUser;
  private readonly tryNext: () => boolean;

  /** @param tryNext - sends the request over the next flow; false when none is left, or it is too late */
  constructor(user: BranchUser, tryNext: () => boolean) {
    this.user = user;
    this.tryNext = tryNext;
  }

  sent(client: ClientTransaction): void {
    this.user.sent(client);
  }

  onProvisional(response: SipResponse, client: ClientTransaction): void {
    this.user.onProvisional(response, client);
  }

  onFinal(response: SipResponse, client: ClientTransaction): void {
    if (!flowFailed.has(response.statusCode) || !this.tryNext()) this.user.onFinal(response, client);
  }

  onTimeout(client: ClientTransaction): void {
    if (!this.tryNext()) this.user.onTimeout(client);
  }

  onTransportError(...[client, failure]: Parameters<BranchUser['onTransportError']>): void {
    if (!this.tryNext()) this.user.onTransportError(client, failure);
  }

  take(response: SipResponse): void {
    if (!flowFailed.has(response.statusCode) || !this.tryNext()) this.user.take(response);
  }

  lose(status: 480): void {
    if (!this.tryNext()) this.user.lose(status);
  }
}
