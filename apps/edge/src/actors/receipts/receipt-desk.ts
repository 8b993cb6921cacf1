import type { Bus } from '@parley/bus';
import { ReceiptJournal } from '@parley/bus';
import type { receipts } from '@parley/contracts';
import { dateTimeAt } from '@parley/cpim';
import type { Disposition, FateImdn } from '@parley/imdn';
import { answeredBy, attributedPayload } from '@parley/imdn';
import type { Clock } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { escapeUser, parseUri } from '@parley/sip';
import type { CuriousMessage } from '../../dispositions/curious-message.ts';
import type { PassingNotification } from '../../dispositions/collected.ts';
import { summarisedBy } from '../../dispositions/collected.ts';
import type { ReceiptBook } from '../../location/receipt-book.ts';
import { ReceiptMembers } from '../../location/receipt-members.ts';
import type { ListBook } from '../../lists/list-book.ts';
import type { SenderDirectory } from '../../replace/sender-key.ts';
import { addressKey, addressOfKey } from '../../replace/sender-key.ts';

/** What the desk is built from. */
export interface ReceiptDeskOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly realm: string;
  readonly book: ReceiptBook;
  readonly directory: SenderDirectory;
  readonly lists: Pick<ListBook, 'everHid'>;
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
  /** It goes on as it is; it is in a summary, or is to go no further; nobody can say now; who sent it was no recipient. */
  | { readonly kind: 'as it is' | 'kept' | 'unstored' | 'forbidden' }
  /** It goes on without a trace of who sent it. */
  | { readonly kind: 'hidden'; readonly list: string; readonly imdn: FateImdn };

/** Keeps notifications for summaries, which the notification service makes, and those of hidden members from the sender. */
export class ReceiptDesk {
  private readonly options: ReceiptDeskOptions;
  private readonly journal: ReceiptJournal;
  private readonly members: ReceiptMembers;

  constructor(options: ReceiptDeskOptions) {
    this.options = options;
    this.journal = new ReceiptJournal(options.bus);
    this.members = new ReceiptMembers(options.bus);
  }

  /** Begins to watch over the notifications of a message; false when that could not be stored. */
  async open({ account, list, hidden, recipients, curious }: ListReceipt): Promise<boolean> {
    const { clock, maxSize, book, realm } = this.options;
    const { messageId } = curious.asked;
    const summarised = [...summarisedBy(curious.asked)];
    const keys = [...new Set(recipients.map((uri) => this.keyOf(uri)))];
    if (!(await this.members.put(account, messageId, keys)).ok) return false;
    if (summarised.length > 0) {
      const sender = `sip:${escapeUser(account)}@${realm}`;
      const value = { list, sender, recipients: keys, summarised, openedAt: clock.wallTime(), maxSize };
      const news = { kind: 'opened', value } as const;
      const isStored = await this.journal.append({ account, messageId, news, name: `opened ${account}` });
      if (!isStored) return false;
    }
    return (await book.add({ account, messageId, list, hidden, summarised })).ok;
  }

  /**
   * What happens to a notification for an account; undefined: it goes on as it is. Only a recipient of a message to a list may
   * notify of it. Where lists hide their members, one of a message that this edge knows nothing of is asked for first: its
   * list may have been accepted elsewhere a moment ago.
   *
   * @param recipient - of the message, as authentication proved
   */
  pass(account: string, recipient: string, notification: PassingNotification): Promise<Passing> | undefined {
    const { book, lists } = this.options;
    const receipt = book.find(account, notification.imdn.messageId);
    if (receipt !== undefined) return this.passOf(receipt, recipient, notification);
    return book.everHid || lists.everHid ? this.passUnknown(account, recipient, notification) : undefined;
  }

  private async passUnknown(account: string, recipient: string, notification: PassingNotification): Promise<Passing> {
    const asked = await this.options.book.ask(account, notification.imdn.messageId);
    if (!asked.ok) return { kind: 'unstored' };
    return asked.value === undefined ? { kind: 'as it is' } : await this.passOf(asked.value, recipient, notification);
  }

  private async passOf(
    receipt: receipts.Receipt,
    recipient: string,
    { imdn, isProtected }: PassingNotification,
  ): Promise<Passing> {
    const { account, messageId, hidden, list, summarised } = receipt;
    const isMember = await this.members.has(account, messageId, recipient);
    if (!isMember.ok) return { kind: 'unstored' };
    if (!isMember.value) return { kind: 'forbidden' };
    // What is signed or encrypted cannot be stripped of who sent it.
    if (hidden && isProtected) return { kind: 'kept' };
    if (!summarised.includes(answeredBy(imdn.disposition)))
      return hidden ? { kind: 'hidden', list, imdn } : { kind: 'as it is' };
    const isStored = await this.collect(receipt, imdn, recipient, this.uriOf(recipient));
    return { kind: isStored ? 'kept' : 'unstored' };
  }

  /** The list that stands for the recipients of a message, where it hides them. */
  hiddenBy(account: string, messageId: string): string | undefined {
    const receipt = this.options.book.find(account, messageId);
    return receipt?.hidden === true ? receipt.list : undefined;
  }

  /**
   * Tells in the name of a list that hides its members, once for all of them: not even how many they are is told.
   *
   * @param tell - stores the notification; by the same names when it is done twice, so that only a crash makes two of it
   * @spec RFC 5438 §14.2
   */
  async tellOnce(account: string, imdn: FateImdn, tell: () => Promise<boolean>): Promise<boolean> {
    const what = imdn.disposition.type;
    const told = await this.members.isNoted(account, imdn.messageId, what);
    if (!told.ok) return false;
    if (told.value) return true;
    if (!(await tell())) return false;
    return (await this.members.note(account, imdn.messageId, what)).ok;
  }

  /** Collects a notification of our own making; undefined: nobody wants it in a summary. @param recipient - in one spelling */
  tell(account: string, recipient: string, imdn: FateImdn): Promise<boolean> | undefined {
    const receipt = this.options.book.find(account, imdn.messageId);
    if (receipt?.summarised.includes(answeredBy(imdn.disposition)) !== true) return undefined;
    return this.collect(receipt, imdn, recipient, this.uriOf(recipient));
  }

  private collect(receipt: receipts.Receipt, imdn: FateImdn, recipient: string, uri: string): Promise<boolean> {
    const { clock } = this.options;
    const { account, messageId, hidden } = receipt;
    const now = clock.wallTime();
    const payload = attributedPayload(imdn, hidden ? undefined : uri, dateTimeAt(now), nodeBytes);
    const value = { recipient, type: answeredBy(imdn.disposition), payload, cameAt: now };
    const name = `${recipient} ${statusOf(imdn.disposition)}`;
    return this.journal.append({ account, messageId, news: { kind: 'came', value }, name });
  }

  /** The address that a recipient in one spelling stands for. */
  private uriOf(key: string): string {
    return addressOfKey(key, this.options.realm);
  }

  /** A recipient in one spelling. */
  keyOf(uri: string): string {
    const parsed = parseUri(uri);
    return (parsed.ok ? addressKey(parsed.value, this.options.directory) : undefined) ?? uri;
  }
}

function statusOf({ type, status }: Disposition): string {
  return `${type} ${status}`;
}
