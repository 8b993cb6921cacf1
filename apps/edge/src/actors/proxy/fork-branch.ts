import type { TransportFailure } from '@parley/prelude';
import type { SipResponse } from '@parley/sip';
import { field, withoutFirst } from '@parley/sip';
import type { ClientTransaction } from '@parley/sip-stack';
import { flowFailed } from '../../flows/next-flow.ts';
import type { BranchUser, SentBranch } from './branch-user.ts';

/** Status of what stands for the response of a branch that brought none; 487: it was cancelled. */
export type LostStatus = 404 | 408 | 480 | 487;

/** What a branch needs of its fork; responses are without our Via. */
export interface BranchFork<Target> {
  send(target: Target, user: BranchUser): void;
  cancelClient(client: ClientTransaction): void;
  /** A provisional response. */
  hear(response: SipResponse): void;
  /** The final response. */
  take(response: SipResponse): void;
  /** One more 2xx after it. */
  repeat(response: SipResponse): void;
  /** What stands for the response of a branch that brought none. */
  lost(status: LostStatus, why?: string): SipResponse;
}

/** One device among those that a request goes to: its flows are tried in turn until one of them leads to it. */
export class ForkBranch<Target> implements BranchUser {
  private readonly fork: BranchFork<Target>;
  private readonly left: Target[];
  /** The flow that is being tried. */
  private sending: SentBranch | undefined;
  private done = false;
  private heard = false;
  private cancelled = false;

  constructor(fork: BranchFork<Target>, targets: readonly Target[]) {
    this.fork = fork;
    this.left = [...targets];
  }

  /** Tries the next flow. */
  begin(): void {
    const target = this.left.shift();
    if (target === undefined) this.end(this.fork.lost(480));
    else this.fork.send(target, this);
  }

  sent(client: ClientTransaction): void {
    this.sentElsewhere({
      cancel: () => {
        this.fork.cancelClient(client);
      },
    });
  }

  sentElsewhere(branch: SentBranch): void {
    this.sending = branch;
    if (this.cancelled) branch.cancel();
  }

  get isCancelled(): boolean {
    return this.cancelled;
  }

  /** Nobody else is tried, and who is being tried hears of it once he has said something. @spec RFC 3261 §9.1 */
  cancel(): void {
    this.cancelled = true;
    if (!this.done) this.sending?.cancel();
  }

  /** Ends a branch that was cancelled and has said nothing; should it accept still, the caller hears of that. */
  settle(): void {
    if (!this.heard) this.fail(487);
  }

  onProvisional(response: SipResponse): void {
    this.heard = true;
    this.fork.hear(withoutFirst(response, field.via));
  }

  onFinal(response: SipResponse): void {
    this.take(withoutFirst(response, field.via));
  }

  onTimeout(): void {
    this.fail(408);
  }

  onTransportError(_client: ClientTransaction, { message }: TransportFailure): void {
    this.fail(480, message);
  }

  take(response: SipResponse): void {
    if (this.done) this.fork.repeat(response);
    else if (flowFailed.has(response.statusCode) && this.hasMore) this.begin();
    else this.end(response);
  }

  hear(response: SipResponse): void {
    if (response.statusCode >= 200) this.fork.repeat(response);
    else if (!this.done) {
      this.heard = true;
      this.fork.hear(response);
    }
  }

  lose(status: 404 | 480, why?: string): void {
    this.fail(status, why);
  }

  private get hasMore(): boolean {
    return this.left.length > 0 && !this.cancelled;
  }

  private fail(status: LostStatus, why?: string): void {
    if (this.done) return;
    if (this.hasMore) this.begin();
    else this.end(this.fork.lost(status, why));
  }

  private end(response: SipResponse): void {
    this.done = true;
    this.fork.take(response);
  }
}
