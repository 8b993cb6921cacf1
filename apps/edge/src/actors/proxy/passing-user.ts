import type { TransportFailure } from '@parley/prelude';
import type { SipResponse } from '@parley/sip';
import type { ClientTransaction } from '@parley/sip-stack';
import type { BranchUser } from './branch-user.ts';

/** Passes all that comes of a branch on to who waits for it; those who derive from it look at some of that first. */
export class PassingUser implements BranchUser {
  protected readonly user: BranchUser;
  /** Whether the other side has said something. */
  protected heard = false;

  constructor(user: BranchUser) {
    this.user = user;
  }

  sent(client: ClientTransaction): void {
    this.user.sent(client);
  }

  onProvisional(response: SipResponse, client: ClientTransaction): void {
    this.heard = true;
    this.user.onProvisional(response, client);
  }

  onFinal(response: SipResponse, client: ClientTransaction): void {
    this.user.onFinal(response, client);
  }

  onTimeout(client: ClientTransaction): void {
    this.user.onTimeout(client);
  }

  onTransportError(client: ClientTransaction, failure: TransportFailure): void {
    this.user.onTransportError(client, failure);
  }

  take(response: SipResponse): void {
    this.user.take(response);
  }

  lose(status: 404 | 480, why?: string): void {
    this.user.lose(status, why);
  }
}
