import type { SipResponse } from '@parley/sip';
import type { ClientTransaction, ResponseUser } from '@parley/sip-stack';

/** What can be cancelled of a branch that went out. */
export interface SentBranch {
  /** @spec RFC 3261 §9.1 */
  cancel(): void;
}

/** Who waits for one branch: what its transaction says, and what no transaction can. */
export interface BranchUser extends ResponseUser {
  /** Whether it was cancelled: no other way is tried. */
  readonly isCancelled?: boolean;
  /** The transaction began. */
  sent(client: ClientTransaction): void;
  /** It began at another edge. */
  sentElsewhere?(branch: SentBranch): void;
  /** A final response that came by another edge, without our Via. */
  take(response: SipResponse): void;
  /** A provisional response that came so, or a further 2xx. */
  hear?(response: SipResponse): void;
  /**
   * Nobody could be asked.
   *
   * @param why - for the sender of the request, where there is more to say than that
   */
  lose(status: 404 | 480, why?: string): void;
}
