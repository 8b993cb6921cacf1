import type { SipRequest, SipResponse } from '@parley/sip';
import { createResponseTo } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { fateOf } from '../../mailbox/fate.ts';
import { finalResponse } from '../../page-mode/final-response.ts';
import { passableResponse } from '../../routing/passable-response.ts';
import { Deadline } from '../deadline-queue.ts';
import type { DeviceBranch, DeviceBranchFork } from './device-branch.ts';
import { MessageCopies } from './message-copies.ts';
import type { CopiedMessage } from './message-copies.ts';
import type { MessageForkHost } from './message-fork-host.ts';
import type { PostedMessage } from './posted-message.ts';
import { isOpen, isUnsettled } from './reach.ts';
import type { Reach } from './reach.ts';

/**
 * A page-mode message on its way to the devices of one user. A device that is not reached gets a stored copy. The first
 * 2xx goes back; else 202 when a copy is stored; else the best refusal.
 *
 * @spec RFC 3428 §7, RFC 3261 §16.7
 */
export class MessageFork implements CopiedMessage, DeviceBranchFork {
  readonly transaction: ServerTransaction;
  readonly account: string;
  readonly posted: PostedMessage;
  readonly deadline: Deadline;
  readonly reaches: Reach[] = [];
  private readonly host: MessageForkHost;
  private readonly refusals: SipResponse[] = [];
  private accepted: SipResponse | undefined;
  /** Undefined: none was needed so far, as of nearly all messages. */
  private copies: MessageCopies | undefined;
  /** What was done about it elsewhere. */
  private assumed: 'stored' | 'taken' | undefined;
  /** Branches without a final response. */
  private pending = 0;
  private begun = false;
  private late = false;
  private answered = false;
  private over = false;

  constructor(transaction: ServerTransaction, account: string, posted: PostedMessage, host: MessageForkHost) {
    this.transaction = transaction;
    this.account = account;
    this.posted = posted;
    this.host = host;
    this.deadline = new Deadline(() => {
      this.giveUpWaiting();
    });
  }

  get isAccepted(): boolean {
    return this.accepted !== undefined;
  }

  /** One more device, reached over so many branches. */
  to(device: string, branches: number): Reach {
    const reach: Reach = { device, pending: branches, state: 'open', sequence: undefined };
    this.reaches.push(reach);
    this.pending += branches;
    return reach;
  }

  /** A device is sent nothing of this message, or stored copies were amended by it: as if it had been stored, or taken. */
  assume(outcome: 'stored' | 'taken'): void {
    if (this.assumed !== 'stored') this.assumed = outcome;
  }

  /** All devices are known; those of `copies` get a stored copy at once. */
  begin(copies: readonly string[] | undefined): void {
    this.begun = true;
    if (copies !== undefined) this.copying().addFor(copies);
    this.look();
  }

  take(branch: DeviceBranch, brought: SipResponse): void {
    const response = passableResponse(this.posted.came, brought) ?? brought;
    const fate = fateOf(response.statusCode);
    if (fate === 'refused' && this.sendsInstead(branch, response)) return;
    const { reach, adapted } = branch;
    this.pending--;
    reach.pending--;
    if (fate === 'taken') this.accept(reach, response, adapted);
    else if (reach.state === 'open' || reach.state === 'refused') {
      this.refusals.push(response);
      if (fate !== 'unreached') this.refuse(reach, response);
      if (reach.pending === 0 && isOpen(reach)) this.copying().addAfter(reach);
    }
    this.look();
  }

  lose(branch: DeviceBranch): void {
    this.take(branch, createResponseTo(this.transaction.request, 480));
  }

  /**
   * Answers as soon as it is known what. What a 2xx promises is done: it waits for copies under way, and a moment for the
   * devices that have not answered; after that they get copies.
   *
   * @deviation RFC 3261 §16.7 (5) has a 2xx forwarded at once; then a crash would lose what it promised for other devices
   */
  look(): void {
    if (!this.begun || this.copies?.areUnderWay === true) return;
    if (!this.answered) this.answerWhenKnown();
    if (this.answered && this.pending === 0) this.end();
  }

  /** Whether another form of the message, once, is on its way in place of what was refused. */
  private sendsInstead(branch: DeviceBranch, response: SipResponse): boolean {
    if (branch.adapted !== undefined) return false;
    branch.adapted = this.host.sendInstead(this, branch, response);
    return branch.adapted !== undefined;
  }

  private accept(reach: Reach, response: SipResponse, adapted: SipRequest | undefined): void {
    const { state, sequence } = reach;
    reach.state = 'taken';
    this.posted.followed?.delivered(reach.device, response.statusCode);
    if (adapted !== undefined) this.host.adapted(this, reach.device, adapted);
    if (state === 'copied' && sequence !== undefined) this.host.tookAfterAll(this, reach.device, sequence);
    this.accepted ??= response;
  }

  private refuse(reach: Reach, { statusCode, reasonPhrase }: SipResponse): void {
    reach.state = 'refused';
    this.posted.followed?.refused(reach.device, statusCode, reasonPhrase);
  }

  private copying(): MessageCopies {
    return (this.copies ??= new MessageCopies(this, this.host));
  }

  /** The time of the message is over. */
  private giveUpWaiting(): void {
    this.copying().addForOpen();
    this.late = true;
    this.look();
  }

  private answerWhenKnown(): void {
    const { accepted, late, copies, reaches } = this;
    if (accepted !== undefined && !late && copies?.isDelayed === true) copies.storeSoon();
    else if (late || !reaches.some(isUnsettled)) this.answer();
    else if (accepted === undefined) return;
    else if (!reaches.some(isOpen)) this.answer();
    else this.copying().addForOpenSoon();
  }

  private answer(): void {
    const { host, copies, accepted, assumed } = this;
    this.answered = true;
    this.deadline.leave();
    copies?.close();
    if (copies?.isMissing === true) host.reply(this, 503);
    else if (accepted !== undefined) host.answer(this, accepted);
    else if (copies?.isStored === true || assumed === 'stored') this.answerStored();
    else if (assumed === 'taken') host.reply(this, 200);
    else this.answerRefused();
  }

  private answerStored(): void {
    this.host.reply(this, 202);
    const refused = this.copies?.isTelling === true ? undefined : this.reaches.find(({ state }) => state === 'refused');
    if (refused !== undefined) this.host.refused(this, refused.device, this.refusals.at(-1));
  }

  private answerRefused(): void {
    const response = finalResponse(this.refusals);
    if (response === undefined) this.host.reply(this, 480);
    else this.host.answer(this, response);
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.host.ended(this);
  }
}
