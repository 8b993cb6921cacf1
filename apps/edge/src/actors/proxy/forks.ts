import type { Clock } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { ClientTransaction, ServerTransaction, TransactionLayer } from '@parley/sip-stack';
import { magicCookie, timerC } from '@parley/sip-stack';
import { outcomeOf } from '../../page-mode/message-outcome.ts';
import { loopMark } from '../../routing/loop-mark.ts';
import type { Way } from '../../routing/way.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { BranchUser } from './branch-user.ts';
import { DeadlineQueue } from '../deadline-queue.ts';
import { Fork } from './fork.ts';
import type { ForkHost, ForkPlan } from './fork.ts';
import type { Responder } from '../entry/responder.ts';
import type { Sender } from './sender.ts';

/** Milliseconds that a group of devices has before the next group is tried: a call rings so long at the first of them. */
const groupPatience = { invite: 30_000, other: 5_000 };
/** Milliseconds after which a request other than INVITE that nobody answered gets our answer: before Timer F of its client. */
const lastPatience = 30_000;
/** Milliseconds after a CANCEL in which a branch may still say something: 4 T1, three sends of an INVITE over UDP. */
const cancelledPatience = 2_000;

/** One copy of a request, and how it gets to its target. */
export interface Target {
  readonly request: SipRequest;
  readonly way: Way | undefined;
}

/** What forks are run with. */
export interface ForksOptions {
  readonly clock: Clock;
  readonly loopSeed: number;
  readonly layer: Pick<TransactionLayer, 'cancel'>;
  readonly responder: Responder;
  readonly sender: Pick<Sender, 'send'>;
  readonly telemetry: Telemetry;
}

/** The requests under way, each with its branches, and the time that they have. */
export class Forks implements ForkHost<Target>, Disposable {
  private readonly options: ForksOptions;
  private readonly forks = new Map<ServerTransaction, Fork<Target>>();
  private readonly marks = new WeakMap<Fork<Target>, string>();
  private readonly deadlines: Readonly<Record<Patience, DeadlineQueue>>;

  constructor(options: ForksOptions) {
    this.options = options;
    const { clock } = options;
    this.deadlines = {
      invite: new DeadlineQueue(clock, groupPatience.invite, 250),
      ring: new DeadlineQueue(clock, timerC, 1_000),
      other: new DeadlineQueue(clock, groupPatience.other, 250),
      last: new DeadlineQueue(clock, lastPatience, 250),
      cancelled: new DeadlineQueue(clock, cancelledPatience, 250),
    };
  }

  /** Requests that wait for a response. */
  get size(): number {
    return this.forks.size;
  }

  /**
   * Sends a request to its targets.
   *
   * @param came - as it arrived, by which a loop is known
   */
  begin(transaction: ServerTransaction, came: SipRequest, plan: ForkPlan<Target>): void {
    const fork = new Fork<Target>(transaction, came, plan, this);
    this.marks.set(fork, loopMark(came, this.options.loopSeed));
    this.forks.set(transaction, fork);
    fork.begin();
  }

  /** Cancels what a CANCEL means; false when it is none of ours. */
  cancelled(transaction: ServerTransaction): boolean {
    const fork = this.forks.get(transaction);
    fork?.cancel();
    return fork !== undefined;
  }

  send(fork: Fork<Target>, { request, way }: Target, user: BranchUser): void {
    this.options.sender.send(request, way, user, this.marks.get(fork) ?? magicCookie);
  }

  cancel(client: ClientTransaction): void {
    this.options.layer.cancel(client);
  }

  made({ transaction }: Fork<Target>, status: number, why?: string): SipResponse {
    return this.options.responder.warned(transaction.request, status, why);
  }

  answer({ transaction }: Fork<Target>, response: SipResponse): void {
    const { responder, telemetry } = this.options;
    const sent = responder.send(transaction, response);
    if (!sent && isAcceptance(transaction, response)) transaction.flow.send(response);
    if (!sent || response.statusCode < 200) return;
    if (transaction.request.method === 'MESSAGE') telemetry.message(outcomeOf(response.statusCode));
  }

  wait(fork: Fork<Target>): void {
    fork.deadline.leave();
    this.deadlines[patienceOf(fork)].join(fork.deadline);
  }

  ended({ transaction }: Fork<Target>): void {
    this.forks.delete(transaction);
  }

  [Symbol.dispose](): void {
    for (const queue of Object.values(this.deadlines)) queue[Symbol.dispose]();
  }
}

type Patience = 'invite' | 'ring' | 'other' | 'last' | 'cancelled';

/** Timer C rings, while nobody else is left to try; it starts again with each provisional response. @spec RFC 3261 §16.6 (11), §16.7 (2) */
function patienceOf({ transaction, isLast, isGivenUp }: Fork<Target>): Patience {
  if (isGivenUp) return 'cancelled';
  if (transaction.request.method === 'INVITE') return isLast ? 'ring' : 'invite';
  return isLast ? 'last' : 'other';
}

/** A 2xx that comes after another final response goes past the transaction, which knows of none. @spec RFC 3261 §16.7 (5) */
function isAcceptance({ request, flow }: ServerTransaction, { statusCode }: SipResponse): boolean {
  return request.method === 'INVITE' && statusCode >= 200 && statusCode < 300 && flow.open;
}
