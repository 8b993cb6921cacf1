import type { Clock } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import type { DeliveryHooks } from '../../mailbox/delivery-hooks.ts';
import { outcomeOf } from '../../page-mode/message-outcome.ts';
import { copyFor } from '../../routing/forward-request.ts';
import { wayTo } from '../../routing/way.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { Deadline } from '../deadline-queue.ts';
import { DeadlineQueue } from '../deadline-queue.ts';
import type { Responder } from '../entry/responder.ts';
import type { MailboxDesk } from '../mailbox/mailbox-desk.ts';
import type { MailboxNewsDesk } from '../mailbox/mailbox-news-desk.ts';
import type { Sender } from '../proxy/sender.ts';
import type { DeviceBranch } from './device-branch.ts';
import type { ForkedMessage, MessageForkHost } from './message-fork-host.ts';
import { MessageFork } from './message-fork.ts';
import type { NewCopy, StoreOutcome } from './new-copy.ts';
import type { PostedMessage } from './posted-message.ts';
import { copyableOf } from './posted-message.ts';

/** Milliseconds after which a device that has not answered a page-mode message counts as not reached. */
const messagePatience = 8_000;

/** Milliseconds that a 2xx waits for other devices, so that few of them need a copy. */
const grace = 200;

/** Whom it concerns what becomes of a message. */
export interface MessagesUnderWayOptions {
  readonly instance: string;
  readonly clock: Clock;
  readonly responder: Responder;
  readonly sender: Pick<Sender, 'send'>;
  readonly mailboxDesk: Pick<MailboxDesk, 'copyable' | 'store'>;
  readonly news: Pick<MailboxNewsDesk, 'taken'>;
  readonly hooks: DeliveryHooks;
  readonly telemetry: Telemetry;
}

/** The page-mode messages that wait for a response: the time that they have, and who is told what becomes of each. */
export class MessagesUnderWay implements MessageForkHost, Disposable {
  private readonly options: MessagesUnderWayOptions;
  private count = 0;
  private readonly deadlines: DeadlineQueue;
  private readonly graces: DeadlineQueue;

  constructor(options: MessagesUnderWayOptions) {
    this.options = options;
    this.deadlines = new DeadlineQueue(options.clock, messagePatience, 250);
    this.graces = new DeadlineQueue(options.clock, grace, 50);
  }

  get size(): number {
    return this.count;
  }

  /** One more; its time begins. */
  add(transaction: ServerTransaction, account: string, posted: PostedMessage): MessageFork {
    const fork = new MessageFork(transaction, account, posted, this);
    this.count++;
    this.deadlines.join(fork.deadline);
    return fork;
  }

  sendInstead(fork: ForkedMessage, branch: DeviceBranch, response: SipResponse): SipRequest | undefined {
    const { hooks, sender, instance } = this.options;
    const { posted, account } = fork;
    const { binding, reach } = branch;
    const instead = hooks.instead(account, reach.device, posted.forwarded, response);
    if (instead === undefined) return undefined;
    sender.send(copyFor(instead, binding.target, binding.path), wayTo(binding, instance), branch, posted.mark);
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
    const copyable = copyableOf(posted, this.options.mailboxDesk);
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
    this.count--;
  }

  [Symbol.dispose](): void {
    this.deadlines[Symbol.dispose]();
    this.graces[Symbol.dispose]();
  }
}
