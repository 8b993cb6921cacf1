import type { Clock } from '@parley/prelude';
import type { HeaderLine, SipRequest, SipResponse } from '@parley/sip';
import { withRequestUri } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { DirectTarget } from '../../location/direct-target.ts';
import type { DeviceBook } from '../../location/device-book.ts';
import type { MailboxBook } from '../../location/mailbox-book.ts';
import type { DeliveryHooks } from '../../mailbox/delivery-hooks.ts';
import type { DeliveryPlan } from '../../mailbox/plan-delivery.ts';
import type { FlowTable } from '../../flows/flow-table.ts';
import { FlowAttempt } from '../../flows/next-flow.ts';
import { byDevice, planDelivery } from '../../mailbox/plan-delivery.ts';
import type { Binding } from '../../registrar/binding.ts';
import type { Target } from '../../registrar/targets.ts';
import { flowsOf } from '../../registrar/targets.ts';
import { wantedOf } from '../../registrar/wanted.ts';
import { copyFor, forwardedRequest } from '../../routing/forward-request.ts';
import { loopMark } from '../../routing/loop-mark.ts';
import { breadthLine } from '../../routing/max-breadth.ts';
import { wayTo } from '../../routing/way.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { DateText } from '../date-text.ts';
import type { Deadline } from '../deadline-queue.ts';
import { DeadlineQueue } from '../deadline-queue.ts';
import type { Copyable, MailboxDesk } from '../mailbox/mailbox-desk.ts';
import type { MailboxNewsDesk } from '../mailbox/mailbox-news-desk.ts';
import { DeviceBranch } from './device-branch.ts';
import { MessageFork } from './message-fork.ts';
import type { ForkedMessage, MessageForkHost } from './message-fork-host.ts';
import type { NewCopy, StoreOutcome } from './new-copy.ts';
import type { PostedMessage } from './posted-message.ts';
import type { Reach } from './reach.ts';
import type { Responder } from '../entry/responder.ts';
import type { Sender } from '../proxy/sender.ts';

/** Milliseconds after which a device that has not answered a page-mode message counts as not reached. */
const messagePatience = 8_000;

/** Milliseconds that a 2xx waits for other devices, so that few of them need a copy. */
const grace = 200;

/** What the proxy of page mode is built from. */
export interface MessageProxyOptions {
  readonly instance: string;
  readonly realm: string;
  readonly clock: Clock;
  readonly responder: Responder;
  readonly sender: Pick<Sender, 'send' | 'sendOver'>;
  readonly flows: Pick<FlowTable, 'find'>;
  readonly devices: Pick<DeviceBook, 'remembered'>;
  readonly mailboxes: Pick<MailboxBook, 'isWaiting'>;
  readonly mailboxDesk: Pick<MailboxDesk, 'copyable' | 'isOver' | 'store'>;
  readonly news: Pick<MailboxNewsDesk, 'taken'>;
  readonly hooks: DeliveryHooks;
  readonly telemetry: Telemetry;
  readonly date: DateText;
  readonly loopSeed: number;
}

/** Where a message does not go, and what was done about it elsewhere. */
export interface Restriction {
  readonly mayGoTo: (device: string) => boolean;
  /** What that amounts to; undefined: nothing was done. */
  readonly done: 'stored' | 'taken' | undefined;
}

/** Brings page-mode messages to the devices of users here, or into their mailboxes. @spec RFC 3428 §5, §7 */
export class MessageProxy implements MessageForkHost, Disposable {
  private readonly options: MessageProxyOptions;
  private underWay = 0;
  private readonly deadlines: DeadlineQueue;
  private readonly graces: DeadlineQueue;

  constructor(options: MessageProxyOptions) {
    this.options = options;
    this.deadlines = new DeadlineQueue(options.clock, messagePatience, 250);
    this.graces = new DeadlineQueue(options.clock, grace, 50);
  }

  /** Messages that wait for a response. */
  get size(): number {
    return this.underWay;
  }

  /**
   * Takes a message for an account that exists. Between live devices nothing here waits for NATS.
   *
   * @param isForDevice - whether one device is meant (RFC 5627 §6.1): then nothing is kept for it
   */
  post(
    transaction: ServerTransaction,
    came: SipRequest,
    account: string,
    bindings: readonly Binding[],
    isForDevice = false,
    restriction?: Restriction,
  ): void {
    if (this.isOver(transaction, came)) return;
    const posted = this.posted(account, came, undefined, isForDevice);
    const { live, copies } = this.plan(posted, account, bindings, restriction);
    const fork = this.fork(transaction, account, posted);
    if (restriction?.done !== undefined) fork.assume(restriction.done);
    for (const [device, targets] of live) this.sendTo(device, targets, fork);
    fork.begin(copies);
  }

  /** {@link post} for an account whose only device is there, and has no mail. */
  postTo(transaction: ServerTransaction, came: SipRequest, account: string, direct: DirectTarget): void {
    if (this.isOver(transaction, came)) return;
    const { hooks, sender, flows } = this.options;
    const posted = this.posted(account, came, breadthLine(came, 1));
    const fork = this.fork(transaction, account, posted);
    const { device, binding, target } = direct;
    const content = hooks.contentFor(account, device, posted.forwarded);
    if (content === undefined) fork.assume('taken');
    else {
      const branch = branchTo(fork.to(device, 1), binding, content, fork);
      sender.sendOver(withRequestUri(content, target), direct.flowIn(flows), branch, posted.mark);
    }
    fork.begin(undefined);
  }

  /** Whether the time of a message was over when it came, and it was answered. */
  private isOver(transaction: ServerTransaction, came: SipRequest): boolean {
    const { mailboxDesk, responder, telemetry } = this.options;
    if (!mailboxDesk.isOver(came)) return false;
    responder.reply(transaction, 480);
    telemetry.message('unreachable');
    return true;
  }

  private posted(
    account: string,
    came: SipRequest,
    breadth: HeaderLine | undefined,
    isForDevice = false,
  ): PostedMessage {
    const { realm, date, loopSeed, hooks } = this.options;
    return {
      came,
      forwarded: forwardedRequest(came, { realm, date: date.line(), breadth }),
      copyable: isForDevice ? null : undefined,
      mark: loopMark(came, loopSeed),
      isStored: false,
      followed: hooks.traces?.follow(account, came),
    };
  }

  private fork(transaction: ServerTransaction, account: string, posted: PostedMessage): MessageFork {
    const fork = new MessageFork(transaction, account, posted, this);
    this.underWay++;
    this.deadlines.join(fork.deadline);
    return fork;
  }

  private sendTo(device: string, targets: readonly Binding[], fork: MessageFork): void {
    const { posted } = fork;
    const content = this.options.hooks.contentFor(fork.account, device, posted.forwarded);
    if (content === undefined) {
      fork.assume('taken');
      return;
    }
    const flows = flowsOf(targets);
    const reach = fork.to(device, flows.length);
    for (const target of flows) this.sendInTurn(target, content, reach, fork);
  }

  /** Over one flow of a device, and over the next when that one fails. @spec RFC 5626 §7 */
  private sendInTurn([binding, next, ...others]: Target, content: SipRequest, reach: Reach, fork: MessageFork): void {
    const { sender, instance, clock } = this.options;
    const branch = branchTo(reach, binding, content, fork);
    const tryNext = (flow: Binding): boolean => {
      const isInTime = clock.now() < fork.deadline.at;
      if (isInTime) this.sendInTurn([flow, ...others], content, reach, fork);
      return isInTime;
    };
    const user = next === undefined ? branch : new FlowAttempt(branch, () => tryNext(next));
    sender.send(copyFor(content, binding.target, binding.path), wayTo(binding, instance), user, fork.posted.mark);
  }

  private send(content: SipRequest, branch: DeviceBranch, { mark }: PostedMessage): void {
    const { sender, instance } = this.options;
    const { binding } = branch;
    sender.send(copyFor(content, binding.target, binding.path), wayTo(binding, instance), branch, mark);
  }

  sendInstead(fork: ForkedMessage, branch: DeviceBranch, response: SipResponse): SipRequest | undefined {
    const { posted, account } = fork;
    const instead = this.options.hooks.instead(account, branch.reach.device, posted.forwarded, response);
    if (instead !== undefined) this.send(instead, branch, posted);
    return instead;
  }

  adapted({ account, posted }: ForkedMessage, device: string, sent: SipRequest): void {
    void this.options.hooks.became(account, posted.forwarded, { kind: 'adapted', device, sent });
  }

  answer({ transaction, posted }: ForkedMessage, response: SipResponse): void {
    const { statusCode, reasonPhrase } = response;
    if (statusCode >= 300) posted.followed?.refused('', statusCode, reasonPhrase);
    if (!this.options.responder.send(transaction, response)) return;
    this.options.telemetry.message(outcomeOf(statusCode));
  }

  reply({ transaction, posted }: ForkedMessage, status: 200 | 202 | 480 | 503): void {
    const { responder, telemetry } = this.options;
    if (status >= 300) posted.followed?.refused('', status, '');
    responder.reply(transaction, status, undefined, status === 503 ? [['Retry-After', '5']] : []);
    telemetry.message(status === 202 ? 'stored' : outcomeOf(status));
  }

  refused({ account, posted }: ForkedMessage, device: string, answer: SipResponse | undefined): void {
    void this.options.hooks.became(account, posted.forwarded, { kind: 'refused', device, answer });
  }

  store({ account, posted }: ForkedMessage, copy: NewCopy): Promise<StoreOutcome> | undefined {
    const copyable = this.copyableOf(posted);
    if (copyable === undefined) return undefined;
    const storing = this.options.mailboxDesk.store(account, copyable, copy);
    void storing.then(({ kind }) => {
      if (kind !== 'stored') return;
      posted.followed?.stored(copy.devices);
      this.stored(account, posted);
    });
    return storing;
  }

  private stored(account: string, posted: PostedMessage): void {
    if (posted.isStored) return;
    posted.isStored = true;
    void this.options.hooks.became(account, posted.forwarded, { kind: 'stored' });
  }

  soon(deadline: Deadline): void {
    this.graces.join(deadline);
  }

  tookAfterAll({ account }: ForkedMessage, device: string, sequence: number): void {
    this.options.news.taken(account, device, sequence);
  }

  ended(): void {
    this.underWay--;
  }

  [Symbol.dispose](): void {
    this.deadlines[Symbol.dispose]();
    this.graces[Symbol.dispose]();
  }

  /** What is never stored goes to whoever is there now. */
  private plan(
    posted: PostedMessage,
    account: string,
    all: readonly Binding[],
    restriction: Restriction | undefined,
  ): DeliveryPlan {
    const { devices, mailboxes } = this.options;
    const mayGoTo = restriction?.mayGoTo;
    const live = mayGoTo === undefined ? all : all.filter((binding) => mayGoTo(binding.device));
    const wanted = wantedOf(posted.came, live);
    const bindings = wanted?.bindings ?? live;
    const kept = devices.remembered(account);
    const remembered = mayGoTo === undefined ? kept : kept.filter(mayGoTo);
    const plan = planDelivery({
      bindings,
      remembered: wanted === undefined ? remembered : remembered.filter(wanted.keepsFor),
      isWaiting: (device) => mailboxes.isWaiting(account, device),
    });
    const isElsewhere = restriction?.done !== undefined || live.length + remembered.length < all.length + kept.length;
    const isUnwanted = bindings.length === 0 && (live.length > 0 || isElsewhere) && plan.copies?.length === 0;
    if (!isUnwanted && (plan.copies === undefined || this.copyableOf(posted) !== undefined)) return plan;
    return { live: byDevice(bindings), copies: undefined };
  }

  private copyableOf(posted: PostedMessage): Copyable | undefined {
    if (posted.copyable === undefined) {
      posted.copyable = this.options.mailboxDesk.copyable(posted.came, posted.forwarded) ?? null;
    }
    return posted.copyable ?? undefined;
  }
}

/** What a branch carries is told to it only when that is not the message as it came. */
function branchTo(reach: Reach, binding: Binding, content: SipRequest, fork: MessageFork): DeviceBranch {
  return new DeviceBranch(fork, reach, binding, content === fork.posted.forwarded ? undefined : content);
}

function outcomeOf(status: number): 'delivered' | 'refused' | 'unreachable' | 'failed' {
  if (status < 300) return 'delivered';
  if (status === 480) return 'unreachable';
  return status >= 500 && status < 600 ? 'failed' : 'refused';
}
