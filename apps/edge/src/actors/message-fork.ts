import type { SipResponse } from '@parley/sip';
import { createResponseTo, field, withoutFirst } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { fateOf, pauseAfter } from '../mailbox/fate.ts';
import { finalResponse } from '../page-mode/final-response.ts';
import { Deadline } from './deadline-queue.ts';
import type { BranchUser } from './sender.ts';

/** What became of storing a copy. */
export type StoreOutcome =
  | { readonly kind: 'stored'; readonly sequence: number }
  /** The mailbox is full, or this message is none to keep. */
  | { readonly kind: 'unavailable' }
  /** JetStream did not acknowledge it. */
  | { readonly kind: 'failed' };

/** What a message to several devices needs of its surroundings. */
export interface MessageForkHost {
  /** Passes a response on to who sent the message. */
  answer(fork: MessageFork, response: SipResponse): void;
  /** Answers with a response of our own. */
  reply(fork: MessageFork, status: 202 | 480 | 503): void;
  /**
   * Stores a copy for devices; undefined when such a message is never stored.
   *
   * @param rest - milliseconds for which it is not tried again, unless the device registers
   */
  store(fork: MessageFork, devices: readonly string[], rest: number): Promise<StoreOutcome> | undefined;
  /** A device took a message of which it has a copy. */
  tookAfterAll(fork: MessageFork, device: string, sequence: number): void;
  /** Answered, and every branch is done; nothing more comes. */
  ended(fork: MessageFork): void;
}

/** Milliseconds for which an attempt that was not answered in time may still succeed: Timer F, less what has passed. */
const underWay = 26_000;

/** One device among those that a message was sent to. */
interface Reach {
  readonly device: string;
  /** Branches without a final response. */
  pending: number;
  state: 'open' | 'taken' | 'refused' | 'copied';
  /** Where its copy is, once it is stored. */
  sequence: number | undefined;
}

/**
 * A page-mode message on its way to the devices of one user. A device that is not reached gets a stored copy. The first
 * 2xx goes back; else 202 when a copy is stored; else the best refusal.
 *
 * @spec RFC 3428 §7, RFC 3261 §16.7
 */
export class MessageFork {
  readonly transaction: ServerTransaction;
  readonly account: string;
  readonly deadline: Deadline;
  private readonly host: MessageForkHost;
  private readonly reaches: Reach[] = [];
  private readonly refusals: SipResponse[] = [];
  private accepted: SipResponse | undefined;
  private answered = false;
  /** Branches without a final response. */
  private pending = 0;
  /** Copies that wait for their acknowledgement. */
  private storing = 0;
  private best: 'stored' | 'failed' | undefined;
  private begun = false;
  private late = false;

  constructor(transaction: ServerTransaction, account: string, host: MessageForkHost) {
    this.transaction = transaction;
    this.account = account;
    this.host = host;
    this.deadline = new Deadline(() => {
      this.giveUpWaiting();
    });
  }

  /** One more device, reached over so many branches; the outcome of each is told to what is returned. */
  to(device: string, branches: number): BranchUser {
    const reach: Reach = { device, pending: branches, state: 'open', sequence: undefined };
    this.reaches.push(reach);
    this.pending += branches;
    return new DeviceBranch(this, reach);
  }

  /** All devices are known; those of `copies` get a stored copy at once. */
  begin(copies: readonly string[] | undefined): void {
    this.begun = true;
    if (copies !== undefined) this.copy(copies, [], 0);
    this.look();
  }

  /** The final response of a branch, without our Via. */
  take(reach: Reach, response: SipResponse): void {
    const fate = fateOf(response.statusCode);
    this.pending--;
    reach.pending--;
    if (fate === 'taken') this.accept(reach, response);
    else if (reach.state === 'open' || reach.state === 'refused') {
      this.refusals.push(response);
      if (fate !== 'unreached') reach.state = 'refused';
      if (reach.pending === 0 && reach.state === 'open') this.copy([reach.device], [reach], pauseAfter(1));
    }
    this.look();
  }

  /** A branch that brought no response. */
  lose(reach: Reach): void {
    this.take(reach, createResponseTo(this.transaction.request, 480));
  }

  private accept(reach: Reach, response: SipResponse): void {
    const { state, sequence } = reach;
    reach.state = 'taken';
    if (state === 'copied' && sequence !== undefined) this.host.tookAfterAll(this, reach.device, sequence);
    this.accepted ??= response;
  }

  /** The time of a message is over: who has not answered gets a copy, which its 2xx may still remove. */
  private giveUpWaiting(): void {
    const open = this.reaches.filter(({ state }) => state === 'open');
    const devices = open.map(({ device }) => device);
    if (open.length > 0) this.copy(devices, open, underWay);
    this.late = true;
    this.look();
  }

  private copy(devices: readonly string[], reaches: readonly Reach[], rest: number): void {
    for (const reach of reaches) reach.state = 'copied';
    const storing = this.host.store(this, devices, rest);
    if (storing === undefined) return;
    this.storing++;
    void storing.then((outcome) => {
      this.storing--;
      this.stored(outcome, reaches);
      this.look();
    });
  }

  private stored(outcome: StoreOutcome, reaches: readonly Reach[]): void {
    if (outcome.kind === 'failed') this.best ??= 'failed';
    if (outcome.kind !== 'stored') return;
    this.best = 'stored';
    for (const reach of reaches) {
      reach.sequence = outcome.sequence;
      if (reach.state === 'taken') this.host.tookAfterAll(this, reach.device, outcome.sequence);
    }
  }

  /** Answers as soon as it is known what. A 2xx waits for copies under way: what it promises is done. */
  private look(): void {
    if (!this.begun) return;
    const isSettled = this.late || !this.reaches.some(isUnsettled);
    if (isSettled) this.deadline.leave();
    if (!this.answered && this.storing === 0 && (this.accepted !== undefined || isSettled)) this.answer();
    if (this.answered && this.pending === 0 && this.storing === 0) this.host.ended(this);
  }

  private answer(): void {
    this.answered = true;
    if (this.accepted !== undefined) this.host.answer(this, this.accepted);
    else if (this.best === 'stored') this.host.reply(this, 202);
    else if (this.best === 'failed') this.host.reply(this, 503);
    else if (this.refusals.length === 0) this.host.reply(this, 480);
    else this.host.answer(this, finalResponse(this.transaction.request, this.refusals));
  }
}

/** A refusal of one branch may still be followed by the 2xx of another. */
function isUnsettled({ state, pending }: Reach): boolean {
  return state === 'open' || (state === 'refused' && pending > 0);
}

/** Tells the fork what one branch brought. */
class DeviceBranch implements BranchUser {
  private readonly fork: MessageFork;
  private readonly reach: Reach;

  constructor(fork: MessageFork, reach: Reach) {
    this.fork = fork;
    this.reach = reach;
  }

  sent(): void {}

  onProvisional(): void {}

  onFinal(response: SipResponse): void {
    this.fork.take(this.reach, withoutFirst(response, field.via));
  }

  onTimeout(): void {
    this.fork.lose(this.reach);
  }

  onTransportError(): void {
    this.fork.lose(this.reach);
  }

  take(response: SipResponse): void {
    this.fork.take(this.reach, response);
  }

  lose(): void {
    this.fork.lose(this.reach);
  }
}
