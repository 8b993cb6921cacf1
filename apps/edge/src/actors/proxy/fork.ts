import type { SipRequest, SipResponse } from '@parley/sip';
import { reasonPhrase } from '@parley/sip';
import type { ClientTransaction, ServerTransaction } from '@parley/sip-stack';
import { bestResponse } from '../../page-mode/best-response.ts';
import { withChallenges } from '../../page-mode/merge-challenges.ts';
import { passableResponse } from '../../routing/passable-response.ts';
import type { BranchUser } from './branch-user.ts';
import { Deadline } from '../deadline-queue.ts';
import { ForkBranch } from './fork-branch.ts';
import type { BranchFork, LostStatus } from './fork-branch.ts';

/** What a fork needs of its surroundings; a target is a copy of the request and where it goes. */
export interface ForkHost<Target> {
  /** Sends one branch. */
  send(fork: Fork<Target>, target: Target, user: BranchUser): void;
  cancel(client: ClientTransaction): void;
  /** A response of our own, with the reason where there is one. */
  made(fork: Fork<Target>, status: number, why?: string): SipResponse;
  /** Passes a response on to who sent the request. */
  answer(fork: Fork<Target>, response: SipResponse): void;
  /** The time of the current targets begins, or begins again; once it is given up, the time of those who said nothing. */
  wait(fork: Fork<Target>): void;
  /** Every branch is done; nothing more comes. */
  ended(fork: Fork<Target>): void;
}

/** The copies for one device: the first, and those to try when it fails. */
export type Attempts<Target> = readonly [Target, ...Target[]];

/** How a fork goes. */
export interface ForkPlan<Target> {
  /** Devices that are tried at a time, the groups one after another. */
  readonly groups: readonly (readonly Attempts<Target>[])[];
  /** What a request other than INVITE is answered when nobody said anything. */
  readonly silence: 480 | 504;
}

/** One request that went out over several branches, and what has come back. @spec RFC 3261 §16.7 (response context) */
export class Fork<Target> implements BranchFork<Target> {
  readonly transaction: ServerTransaction;
  readonly deadline: Deadline;
  private readonly came: SipRequest;
  private readonly host: ForkHost<Target>;
  private readonly plan: ForkPlan<Target>;
  private readonly invite: boolean;
  private branches: readonly ForkBranch<Target>[] = [];
  private readonly challenges: SipResponse[] = [];
  private at = 0;
  private pending = 0;
  private best: SipResponse | undefined;
  private decided = false;
  /** No further targets are tried. */
  private stopped = false;
  private givenUp = false;

  /** @param came - the request that was copied for the targets */
  constructor(transaction: ServerTransaction, came: SipRequest, plan: ForkPlan<Target>, host: ForkHost<Target>) {
    this.transaction = transaction;
    this.came = came;
    this.plan = plan;
    this.host = host;
    this.invite = transaction.request.method === 'INVITE';
    this.deadline = new Deadline(() => {
      this.timeIsOver();
    });
  }

  /** Whether there is nobody left to try after those that are being tried. */
  get isLast(): boolean {
    return this.stopped || this.at >= this.plan.groups.length;
  }

  /** Whether what has no final response yet is cancelled: who still says nothing counts as cancelled soon. */
  get isGivenUp(): boolean {
    return this.givenUp;
  }

  /** Tries the next group of devices; with none left the best answer goes back. @spec RFC 3261 §16.6, §16.7 (4) */
  begin(): void {
    const group = this.stopped ? undefined : this.plan.groups[this.at++];
    if (group === undefined || group.length === 0) {
      this.decide();
      return;
    }
    this.branches = group.map((attempts) => new ForkBranch(this, attempts));
    this.pending += group.length;
    this.host.wait(this);
    for (const branch of this.branches) branch.begin();
  }

  /**
   * Cancels every branch that has no final response. To one that has said nothing no CANCEL may go before it does: the
   * others do not wait for that.
   *
   * @spec RFC 3261 §16.10, §9.1
   */
  cancel(): void {
    this.stopped = true;
    for (const branch of this.branches) branch.cancel();
    if (!this.invite || this.givenUp || this.pending === 0) return;
    this.givenUp = true;
    this.host.wait(this);
  }

  /** Sends a copy on its way. */
  send(target: Target, user: BranchUser): void {
    this.host.send(this, target, user);
  }

  cancelClient(client: ClientTransaction): void {
    this.host.cancel(client);
  }

  /** A provisional response, without our Via. */
  hear(response: SipResponse): void {
    if (!this.invite || this.decided || response.statusCode === 100) return;
    if (this.isLast && !this.givenUp) this.host.wait(this);
    this.pass(response);
  }

  /** What stands for the response of a branch that brought none. @spec RFC 3261 §8.1.3.1, §16.9 */
  lost(status: LostStatus, why?: string): SipResponse {
    return this.host.made(this, status, why);
  }

  /** One more 2xx of a branch that is done: the client acknowledges each. @spec RFC 3261 §16.7 (5), §13.2.2.4 */
  repeat(response: SipResponse): void {
    if (this.invite && response.statusCode < 300) this.pass(response);
  }

  /** The final response of a branch, without our Via. */
  take(brought: SipResponse): void {
    const response = passableResponse(this.came, brought) ?? brought;
    const { statusCode } = response;
    if (statusCode < 300) this.accept(response);
    else this.keep(response);
    this.pending--;
    if (statusCode >= 600) {
      this.stopped = true;
      if (this.invite) this.cancel();
    }
    if (this.pending > 0) return;
    if (this.decided || this.isLast) this.decide();
    else this.begin();
  }

  private pass(response: SipResponse): void {
    if (passableResponse(this.came, response) === response) this.host.answer(this, response);
  }

  private timeIsOver(): void {
    if (this.givenUp) for (const branch of this.branches) branch.settle();
    else if (this.isLast) {
      if (this.invite) this.cancel();
      else this.decide();
    } else if (this.invite) for (const branch of this.branches) branch.cancel();
    else this.begin();
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
      this.stopped = true;
      this.host.answer(this, this.finalOf(this.best));
    }
    if (this.pending === 0) this.host.ended(this);
  }

  /** 503 of somebody else says nothing of us, 430 is between proxies, and RFC 4320 §4.2 knows no 408 here. @spec RFC 3261 §16.7 (6) */
  private finalOf(best: SipResponse | undefined): SipResponse {
    if (best === undefined) return this.host.made(this, this.invite ? 480 : this.plan.silence);
    const { statusCode } = best;
    if (statusCode === 430) return this.host.made(this, 480);
    if (statusCode === 408 && !this.invite) return this.host.made(this, this.plan.silence);
    if (statusCode === 401 || statusCode === 407) return withChallenges(best, this.challenges);
    return statusCode === 503 ? { ...best, statusCode: 500, reasonPhrase: reasonPhrase(500) } : best;
  }
}
