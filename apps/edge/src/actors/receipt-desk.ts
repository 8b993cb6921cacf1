import { createHash } from 'node:crypto';
import { shardOf } from '@parley/actor';
import type { Bus, MessageStream } from '@parley/bus';
import { receiptEventSubject, receipts, receiptShardCount, receiptSubject, streams } from '@parley/contracts';
import { dateTimeAt } from '@parley/cpim';
import type { Disposition } from '@parley/imdn';
import type { Clock } from '@parley/prelude';
import { escapeUser, parseUri } from '@parley/sip';
import type { CuriousMessage } from '../dispositions/curious-message.ts';
import type { PassingNotification } from '../dispositions/collected.ts';
import { payloadOf, summarisedBy, typeOf } from '../dispositions/collected.ts';
import type { ReceiptBook } from '../location/receipt-book.ts';
import type { SenderDirectory } from '../replace/sender-key.ts';
import { addressKey, addressOfKey } from '../replace/sender-key.ts';

/** What the desk is built from. */
export interface ReceiptDeskOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly realm: string;
  readonly book: ReceiptBook;
  readonly directory: SenderDirectory;
  /** Octets of one summary. */
  readonly maxSize: number;
}

/** A message to a list, as far as its notifications are concerned. */
export interface ListReceipt {
  readonly account: string;
  readonly list: string;
  readonly hidden: boolean;
  readonly recipients: readonly string[];
  readonly curious: CuriousMessage;
}

/** What is done with a notification. */
export type Passing =
  /** It goes into a summary: stored, or not. */
  | { readonly kind: 'collected'; readonly stored: Promise<boolean> }
  /** It must not go on, or only without a trace of who sent it. */
  | {
      readonly kind: 'hidden';
      readonly list: string;
      readonly imdn: PassingNotification['imdn'];
    };

/** Keeps notifications for summaries, which the notification service makes, and those of hidden members from the sender. */
export class ReceiptDesk {
  private readonly options: ReceiptDeskOptions;
  private readonly stream: MessageStream<receipts.ReceiptNews>;

  constructor(options: ReceiptDeskOptions) {
    this.options = options;
    this.stream = options.bus.stream(streams.receipts, receipts.ReceiptNews);
  }

  /** Begins to collect the notifications of a message; false when that could not be stored. */
  async open({ account, list, hidden, recipients, curious }: ListReceipt): Promise<boolean> {
    const { clock, maxSize, book, realm } = this.options;
    const { messageId } = curious.asked;
    const summarised = [...summarisedBy(curious.asked)];
    if (summarised.length === 0 && !hidden) return true;
    if (summarised.length > 0) {
      const keys = [...new Set(recipients.map((uri) => this.keyOf(uri)))];
      const sender = `sip:${escapeUser(account)}@${realm}`;
      const value = { list, sender, recipients: keys, summarised, openedAt: clock.wallTime(), maxSize };
      const isStored = await this.append(account, messageId, { kind: 'opened', value }, `opened ${account}`);
      if (!isStored) return false;
    }
    return (await book.add({ account, messageId, list, hidden, summarised })).ok;
  }

  /** What happens to a notification for an account; undefined: it goes on as it is. @param recipient - of the message */
  pass(account: string, recipient: string, notification: PassingNotification): Passing | undefined {
    const receipt = this.options.book.find(account, notification.imdn.messageId);
    if (receipt === undefined) return undefined;
    if (receipt.hidden && notification.isProtected) return { kind: 'collected', stored: Promise.resolve(true) };
    if (!receipt.summarised.includes(typeOf(notification.imdn)))
      return receipt.hidden ? { kind: 'hidden', list: receipt.list, imdn: notification.imdn } : undefined;
    return { kind: 'collected', stored: this.collect(receipt, notification.imdn, recipient, this.uriOf(recipient)) };
  }

  /** Collects a notification of our own making; undefined: nobody wants it in a summary. */
  tell(account: string, recipient: string, imdn: PassingNotification['imdn']): Promise<boolean> | undefined {
    const receipt = this.options.book.size === 0 ? undefined : this.options.book.find(account, imdn.messageId);
    if (receipt?.summarised.includes(typeOf(imdn)) !== true) return undefined;
    return this.collect(receipt, imdn, `user ${recipient}`, this.uriOf(`user ${recipient}`));
  }

  private collect(
    receipt: receipts.Receipt,
    imdn: PassingNotification['imdn'],
    recipient: string,
    uri: string,
  ): Promise<boolean> {
    const { clock } = this.options;
    const { account, messageId, hidden } = receipt;
    const now = clock.wallTime();
    const payload = payloadOf(imdn, hidden ? undefined : uri, dateTimeAt(now));
    const value = { recipient, type: typeOf(imdn), payload, cameAt: now };
    return this.append(account, messageId, { kind: 'came', value }, `${recipient} ${statusOf(imdn.disposition)}`);
  }

  private async append(
    account: string,
    messageId: string,
    news: NonNullable<receipts.ReceiptNews['news']>,
    name: string,
  ): Promise<boolean> {
    const shard = shardOf(account) % receiptShardCount;
    const id = createHash('sha256').update(`${account}\n${messageId}\n${name}`).digest('base64url');
    const appended = await this.stream.append(receiptSubject(shard), { account, messageId, news }, { messageId: id });
    if (!appended.ok || appended.value.outcome === 'conflict') return false;
    const { sequence } = appended.value;
    this.options.bus.publish(receiptEventSubject(shard), receipts.ReceiptNewsStored, { sequence });
    return true;
  }

  /** The address that a recipient in one spelling stands for. */
  private uriOf(key: string): string {
    return addressOfKey(key, this.options.realm);
  }

  /** A recipient in one spelling. */
  private keyOf(uri: string): string {
    const parsed = parseUri(uri);
    return (parsed.ok ? addressKey(parsed.value, this.options.directory) : undefined) ?? uri;
  }
}

function statusOf({ type, status }: Disposition): string {
  return `${type} ${status}`;
}
