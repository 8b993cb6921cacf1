import type { HeaderLine, SipRequest } from '@parley/sip';
import { withRequestUri } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { DirectTarget } from '../../location/direct-target.ts';
import type { DeviceBook } from '../../location/device-book.ts';
import type { MailboxBook } from '../../location/mailbox-book.ts';
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
import type { DateText } from '../date-text.ts';
import type { MailboxDesk } from '../mailbox/mailbox-desk.ts';
import { DeviceBranch } from './device-branch.ts';
import type { MessageFork } from './message-fork.ts';
import { MessagesUnderWay } from './messages-under-way.ts';
import type { MessagesUnderWayOptions } from './messages-under-way.ts';
import type { PostedMessage } from './posted-message.ts';
import { copyableOf } from './posted-message.ts';
import type { Reach } from './reach.ts';
import type { Sender } from '../proxy/sender.ts';

/** What the proxy of page mode is built from. */
export interface MessageProxyOptions extends MessagesUnderWayOptions {
  readonly realm: string;
  readonly sender: Pick<Sender, 'send' | 'sendOver'>;
  readonly flows: Pick<FlowTable, 'find'>;
  readonly devices: Pick<DeviceBook, 'remembered'>;
  readonly mailboxes: Pick<MailboxBook, 'isWaiting'>;
  readonly mailboxDesk: Pick<MailboxDesk, 'copyable' | 'isOver' | 'store'>;
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
export class MessageProxy implements Disposable {
  private readonly options: MessageProxyOptions;
  private readonly underWay: MessagesUnderWay;

  constructor(options: MessageProxyOptions) {
    this.options = options;
    this.underWay = new MessagesUnderWay(options);
  }

  /** Messages that wait for a response. */
  get size(): number {
    return this.underWay.size;
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
    const fork = this.underWay.add(transaction, account, posted);
    if (restriction?.done !== undefined) fork.assume(restriction.done);
    for (const [device, targets] of live) this.sendTo(device, targets, fork);
    fork.begin(copies);
  }

  /** {@link post} for an account whose only device is there, and has no mail. */
  postTo(transaction: ServerTransaction, came: SipRequest, account: string, direct: DirectTarget): void {
    if (this.isOver(transaction, came)) return;
    const { hooks, sender, flows } = this.options;
    const posted = this.posted(account, came, breadthLine(came, 1));
    const fork = this.underWay.add(transaction, account, posted);
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

  [Symbol.dispose](): void {
    this.underWay[Symbol.dispose]();
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
    if (!isUnwanted && (plan.copies === undefined || copyableOf(posted, this.options.mailboxDesk) !== undefined))
      return plan;
    return { live: byDevice(bindings), copies: undefined };
  }
}

/** What a branch carries is told to it only when that is not the message as it came. */
function branchTo(reach: Reach, binding: Binding, content: SipRequest, fork: MessageFork): DeviceBranch {
  return new DeviceBranch(fork, reach, binding, content === fork.posted.forwarded ? undefined : content);
}
