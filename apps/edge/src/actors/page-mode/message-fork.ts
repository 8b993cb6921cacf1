import type { SipRequest, SipResponse } from '@parley/sip';
import { createResponseTo, field, withoutFirst } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { fateOf, pauseAfter } from '../../mailbox/fate.ts';
import { finalResponse } from '../../page-mode/final-response.ts';
import type { Binding } from '../../registrar/binding.ts';
import { passableResponse } from '../../routing/passable-response.ts';
import { Deadline } from '../deadline-queue.ts';
import type { PostedMessage } from './posted-message.ts';
import type { BranchUser } from '../proxy/sender.ts';

/** What became of storing a copy. */
export type StoreOutcome =
  | { readonly kind: 'stored'; readonly sequence: number }
  /** The mailbox is full, or this message is none to keep. */
  | { readonly kind: 'unavailable' }
  /** JetStream did not acknowledge it; `isLasting`: it has not for so long that waiting promises nothing. */
  | { readonly kind: 'failed'; readonly isLasting: boolean };

/** What a message to several devices needs of its surroundings. */
export interface MessageForkHost {
  /** Passes a response on to who sent the message. */
  answer(fork: MessageFork, response: SipResponse): void;
  /** Answers with a response of our own. */
  reply(fork: MessageFork, status: 200 | 202 | 480 | 503): void;
  /** Stores a copy; undefined when such a message is never stored. */
  store(fork: MessageFork, copy: NewCopy): Promise<StoreOutcome> | undefined;
  /** Sends in another form what a device refused for good, over a branch that stays open; undefined: it does not. */
  sendInstead(fork: MessageFork, branch: DeviceBranch, response: SipResponse): SipRequest | undefined;
  /** A device refused the message for good, and no copy of it will tell should it be lost. */
  refused(fork: MessageFork, device: string, answer: SipResponse | undefined): void;
  /** A device took the message in another form. */
  adapted(fork: MessageFork, device: string, sent: SipRequest): void;
  /** Puts a deadline a moment ahead. */
  soon(deadline: Deadline): void;
  /** A device took a message of which it has a copy. */
  tookAfterAll(fork: MessageFork, device: string, sequence: number): void;
  /** Answered, and every branch is done; nothing more comes. Told once. */
  ended(fork: MessageFork): void;
}

/** Milliseconds for which an attempt that was not answered in time may still succeed: Timer F, less what has passed. */
const underWay = 26_000;

/** A copy that is to be stored. */
export interface NewCopy {
  readonly devices: readonly string[];
  /** Milliseconds for which it is not tried again, unless the device registers. */
  readonly rest: number;
  /** Whether another device is being tried, or has it: then not this copy tells should the message be lost. */
  readonly shared: boolean;
  /** Devices of copies before it. */
  readonly others: readonly string[];
}

/** A copy, the devices that it is for, and those of them that were tried. */
interface Copying {
  readonly devices: readonly string[];
  readonly reaches: readonly Reach[];
  readonly rest: number;
}

/** One device among those that a message was sent to. */
export interface Reach {
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
  readonly posted: PostedMessage;
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
  private isStored = false;
  /** Devices that have a copy, or will. */
  private copied: readonly string[] = [];
  /** Whether one of the copies tells should the message be lost. */
  private isToldOfLoss = false;
  /** How long others may take once a device has the message; undefined: none has, or all have answered. */
  private grace: Deadline | undefined;
  /** Copies that the store did not take, and when it is asked again. */
  private unstored: Copying[] = [];
  private storeIsAway = false;
  private again: Deadline | undefined;
  private begun = false;
  private late = false;
  private skipped = false;
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

  /** One more device, reached over so many branches; {@link branch} makes each. */
  to(device: string, branches: number): Reach {
    const reach: Reach = { device, pending: branches, state: 'open', sequence: undefined };
    this.reaches.push(reach);
    this.pending += branches;
    return reach;
  }

  /**
   * A branch to a device; its outcome is told to what is returned.
   *
   * @param adapted - what it carries, when that is not the message as it came
   */
  branch(reach: Reach, binding: Binding, adapted?: SipRequest): DeviceBranch {
    return new DeviceBranch(this, reach, binding, adapted);
  }

  /** A device that is sent nothing of this message: as if it had taken it. */
  skip(): void {
    this.skipped = true;
  }

  /** Stored copies were amended by it: as if it had been stored, or taken. */
  assume(outcome: 'stored' | 'taken'): void {
    if (outcome === 'stored') this.isStored = true;
    else this.skipped = true;
  }

  /** All devices are known; those of `copies` get a stored copy at once. */
  begin(copies: readonly string[] | undefined): void {
    this.begun = true;
    if (copies !== undefined) this.copy(copies, [], 0);
    this.look();
  }

  /** The final response of a branch, without our Via. */
  take(branch: DeviceBranch, brought: SipResponse): void {
    const response = passableResponse(this.posted.came, brought) ?? brought;
    const fate = fateOf(response.statusCode);
    if (fate === 'refused' && branch.sendsInstead(response)) return;
    const { reach, adapted } = branch;
    this.pending--;
    reach.pending--;
    if (fate === 'taken') this.accept(reach, response, adapted);
    else if (reach.state === 'open' || reach.state === 'refused') {
      this.refusals.push(response);
      if (fate !== 'unreached') this.refuse(reach, response);
      if (reach.pending === 0 && reach.state === 'open') this.copy([reach.device], [reach], pauseAfter(1));
    }
    this.look();
  }

  private refuse(reach: Reach, { statusCode, reasonPhrase }: SipResponse): void {
    reach.state = 'refused';
    this.posted.followed?.refused(reach.device, statusCode, reasonPhrase);
  }

  /** A branch that brought no response. */
  lose(branch: DeviceBranch): void {
    this.take(branch, createResponseTo(this.transaction.request, 480));
  }

  /** See {@link MessageForkHost.sendInstead}. */
  sendInstead(branch: DeviceBranch, response: SipResponse): SipRequest | undefined {
    return this.host.sendInstead(this, branch, response);
  }

  private accept(reach: Reach, response: SipResponse, adapted: SipRequest | undefined): void {
    const { state, sequence } = reach;
    reach.state = 'taken';
    this.posted.followed?.delivered(reach.device, response.statusCode);
    if (adapted !== undefined) this.host.adapted(this, reach.device, adapted);
    if (state === 'copied' && sequence !== undefined) this.host.tookAfterAll(this, reach.device, sequence);
    this.accepted ??= response;
  }

  /** The time of a message is over. */
  private giveUpWaiting(): void {
    this.copyForOpen();
    this.late = true;
    this.look();
  }

  /** Who has not answered gets a copy, which its 2xx may still remove. */
  private copyForOpen(): void {
    const open = this.reaches.filter(isOpen);
    const devices = open.map(({ device }) => device);
    if (open.length > 0) this.copy(devices, open, underWay);
  }

  private copy(devices: readonly string[], reaches: readonly Reach[], rest: number): void {
    for (const reach of reaches) reach.state = 'copied';
    const shared = this.accepted !== undefined || this.reaches.some(isUnsettled);
    const storing = this.host.store(this, { devices, rest, shared, others: this.copied });
    this.copied = [...this.copied, ...devices];
    if (!shared) this.isToldOfLoss = true;
    if (storing === undefined) return;
    this.storing++;
    void storing.then((outcome) => {
      this.storing--;
      if (outcome.kind === 'failed') {
        this.unstored.push({ devices, reaches, rest });
        this.storeIsAway = outcome.isLasting;
      } else if (outcome.kind === 'stored') this.stored(outcome.sequence, reaches);
      this.look();
    });
  }

  private stored(sequence: number, reaches: readonly Reach[]): void {
    this.isStored = true;
    for (const reach of reaches) {
      reach.sequence = sequence;
      if (reach.state === 'taken') this.host.tookAfterAll(this, reach.device, sequence);
    }
  }

  /**
   * Answers as soon as it is known what. What a 2xx promises is done: it waits for copies under way, and a moment for the
   * devices that have not answered; after that they get copies.
   *
   * @deviation RFC 3261 §16.7 (5) has a 2xx forwarded at once; then a crash would lose what it promised for other devices
   */
  private look(): void {
    if (!this.begun) return;
    if (!this.answered && this.storing === 0) this.answerWhenKnown();
    if (this.answered && this.pending === 0 && this.storing === 0) this.end();
  }

  private answerWhenKnown(): void {
    const isSettled = this.late || !this.reaches.some(isUnsettled);
    const isWorthWaiting = !this.late && !this.storeIsAway;
    if (this.unstored.length > 0 && this.accepted !== undefined && isWorthWaiting) this.storeSoon();
    else if (isSettled) this.answer();
    else if (this.accepted === undefined) return;
    else if (!this.reaches.some(isOpen)) this.answer();
    else this.hurry();
  }

  /** A device has the message already: better than to have it sent again is to wait for the store, while there is time. */
  private storeSoon(): void {
    if (this.again !== undefined) return;
    this.again = new Deadline(() => {
      this.again = undefined;
      for (const { devices, reaches, rest } of this.unstored.splice(0)) {
        const unneeded = reaches.filter(({ state }) => state !== 'copied').map(({ device }) => device);
        const wanted = devices.filter((device) => !unneeded.includes(device));
        if (wanted.length > 0) this.copy(wanted, reaches, rest);
      }
      this.look();
    });
    this.host.soon(this.again);
  }

  private hurry(): void {
    if (this.grace !== undefined) return;
    this.grace = new Deadline(() => {
      this.copyForOpen();
      this.look();
    });
    this.host.soon(this.grace);
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.host.ended(this);
  }

  private answer(): void {
    this.answered = true;
    for (const deadline of [this.deadline, this.grace, this.again]) deadline?.leave();
    if (this.unstored.length > 0) this.host.reply(this, 503);
    else if (this.accepted !== undefined) this.host.answer(this, this.accepted);
    else if (this.isStored) this.answerStored();
    else if (this.skipped) this.host.reply(this, 200);
    else this.answerRefused();
  }

  private answerRefused(): void {
    const response = finalResponse(this.refusals);
    if (response === undefined) this.host.reply(this, 480);
    else this.host.answer(this, response);
  }

  private answerStored(): void {
    this.host.reply(this, 202);
    const refused = this.isToldOfLoss ? undefined : this.reaches.find(({ state }) => state === 'refused');
    if (refused !== undefined) this.host.refused(this, refused.device, this.refusals.at(-1));
  }
}

function isOpen({ state }: Reach): boolean {
  return state === 'open';
}

/** A refusal of one branch may still be followed by the 2xx of another. */
function isUnsettled({ state, pending }: Reach): boolean {
  return state === 'open' || (state === 'refused' && pending > 0);
}

/** Tells the fork what one branch brought. */
export class DeviceBranch implements BranchUser {
  readonly reach: Reach;
  readonly binding: Binding;
  /** What it carries, when that is not the message as it came. */
  adapted: SipRequest | undefined;
  private readonly fork: MessageFork;

  constructor(fork: MessageFork, reach: Reach, binding: Binding, adapted: SipRequest | undefined) {
    this.fork = fork;
    this.reach = reach;
    this.binding = binding;
    this.adapted = adapted;
  }

  sent(): void {}

  onProvisional(): void {}

  onFinal(response: SipResponse): void {
    this.fork.take(this, withoutFirst(response, field.via));
  }

  onTimeout(): void {
    this.fork.lose(this);
  }

  onTransportError(): void {
    this.fork.lose(this);
  }

  take(response: SipResponse): void {
    this.fork.take(this, response);
  }

  lose(): void {
    this.fork.lose(this);
  }

  /** Whether another form of the message, once, is on its way in place of what was refused. */
  sendsInstead(response: SipResponse): boolean {
    if (this.adapted !== undefined) return false;
    this.adapted = this.fork.sendInstead(this, response);
    return this.adapted !== undefined;
  }
}
