import type { Bucket, Bus, Following } from '@parley/bus';
import { followBucket, ReceiptJournal } from '@parley/bus';
import { buckets, receiptKey, receipts } from '@parley/contracts';
import { dateTimeAt } from '@parley/cpim';
import type { FateImdn } from '@parley/imdn';
import { answeredBy, attributedPayload } from '@parley/imdn';
import type { ByteCodec, Clock } from '@parley/prelude';
import type { Session } from '../hub/session.ts';
import { participantKey } from '../addresses/participant-key.ts';
import { accountOf } from './account-of.ts';

/** What summaries of rooms need. */
export interface ReceiptParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly codec: ByteCodec;
  /** Domain of the accounts. */
  readonly domain: string;
  /** Octets of one summary. */
  readonly maxSize: number;
  /** Summaries that one account may have begun; default 10,000: every switch and edge keeps them for days. */
  readonly mostOfAccount?: number;
}

/** A message to a room whose sender wants the notifications in summaries. */
export interface RoomReceipt {
  readonly session: Session;
  readonly messageId: string;
  readonly summarised: readonly string[];
  /** Addresses of those who are sent it. */
  readonly recipients: readonly string[];
}

/** What became of a notification; `unwanted`: it goes on by itself after all, since its summary could not be begun. */
export type Collected = 'stored' | 'failed' | 'unwanted';

/**
 * Messages to rooms whose notifications go into summaries, which the notification service makes.
 *
 * @spec RFC 5438 §8.3; REQ-DISNOT-11 of the Advanced IM Requirements
 */
export class RoomReceipts implements Disposable {
  private readonly parts: ReceiptParts;
  private readonly bucket: Bucket<receipts.Receipt>;
  private readonly journal: ReceiptJournal;
  private readonly byKey = new Map<string, receipts.Receipt>();
  /** Their keys, by room and message. */
  private readonly ofMessage = new Map<string, Set<string>>();
  /** How many of them each account has. */
  private readonly counts = new Map<string, number>();
  /** Summaries that are being begun: what comes meanwhile waits for that. */
  private readonly opening = new Map<string, Promise<boolean>>();
  private readonly following: Following;

  constructor(parts: ReceiptParts) {
    this.parts = parts;
    this.bucket = parts.bus.bucket(buckets.receipts, receipts.Receipt);
    this.journal = new ReceiptJournal(parts.bus);
    this.following = followBucket(this.bucket, (event) => {
      if (event.kind === 'put') this.keep(event.key, event.value);
      else this.forget(event.key);
    });
  }

  /** Begins to collect; who has no account here, or has begun too many, gets notifications one by one. It holds here at once. */
  async open({ session, messageId, summarised, recipients }: RoomReceipt): Promise<void> {
    const { domain, clock, maxSize, mostOfAccount = 10_000 } = this.parts;
    const { hub, terms } = session;
    const account = accountOf(terms.identity, domain);
    if (account === undefined || (this.counts.get(account) ?? 0) >= mostOfAccount) return;
    const receipt = { account, messageId, list: hub.room, hidden: hub.policy.hideMembers, summarised: [...summarised] };
    const key = receiptKey(account, messageId);
    this.keep(key, receipt);
    const keys = [...new Set(recipients.map((uri) => this.keyOf(uri)))];
    const opened = { sender: terms.identity, recipients: keys, openedAt: Math.floor(clock.wallTime()), maxSize };
    const value = { list: hub.room, summarised: [...summarised], ...opened };
    const opening = this.begin(key, receipt, value);
    this.opening.set(key, opening);
    if (!(await opening)) this.forget(key);
    if (this.opening.get(key) === opening) this.opening.delete(key);
  }

  /** Collects a notification about a message that this address sent to a room; undefined: nobody wants it in a summary. */
  collect(address: string, imdn: FateImdn, by: Session): Promise<Collected> | undefined {
    if (this.byKey.size === 0) return undefined;
    const account = accountOf(address, this.parts.domain);
    const receipt =
      account === undefined ? this.ofPseudonym(imdn, by) : this.byKey.get(receiptKey(account, imdn.messageId));
    if (receipt?.list !== by.hub.room || !receipt.summarised.includes(answeredBy(imdn.disposition))) return undefined;
    const opening = this.opening.get(receiptKey(receipt.account, imdn.messageId));
    if (opening === undefined) return this.append(receipt, imdn, by);
    return opening.then((isOpen) => (isOpen ? this.append(receipt, imdn, by) : 'unwanted'));
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }

  private keep(key: string, receipt: receipts.Receipt): void {
    this.forget(key);
    this.byKey.set(key, receipt);
    const sharing = this.ofMessage.get(messageKey(receipt)) ?? new Set();
    this.ofMessage.set(messageKey(receipt), sharing.add(key));
    this.counts.set(receipt.account, (this.counts.get(receipt.account) ?? 0) + 1);
  }

  private forget(key: string): void {
    const known = this.byKey.get(key);
    if (known === undefined) return;
    this.byKey.delete(key);
    const sharing = this.ofMessage.get(messageKey(known));
    if (sharing?.delete(key) === true && sharing.size === 0) this.ofMessage.delete(messageKey(known));
    const left = (this.counts.get(known.account) ?? 0) - 1;
    if (left > 0) this.counts.set(known.account, left);
    else this.counts.delete(known.account);
  }

  private async begin(key: string, receipt: receipts.Receipt, value: receipts.ReceiptOpened): Promise<boolean> {
    const { account, messageId } = receipt;
    const news = { kind: 'opened', value } as const;
    if (!(await this.journal.append({ account, messageId, news, name: `opened ${account}` }))) return false;
    return (await this.bucket.put(key, receipt)).ok;
  }

  private async append(receipt: receipts.Receipt, imdn: FateImdn, by: Session): Promise<Collected> {
    const { clock, codec } = this.parts;
    const now = Math.floor(clock.wallTime());
    const [uri = ''] = by.terms.uris;
    const payload = attributedPayload(imdn, receipt.hidden ? undefined : uri, dateTimeAt(now), codec);
    const { messageId, disposition } = imdn;
    const value = { recipient: this.keyOf(uri), type: answeredBy(disposition), payload, cameAt: now };
    const name = `${value.recipient} ${disposition.type} ${disposition.status}`;
    const news = { kind: 'came', value } as const;
    return (await this.journal.append({ account: receipt.account, messageId, news, name })) ? 'stored' : 'failed';
  }

  /** Whose message it is that answers under another name; undefined where several gave theirs this id. */
  private ofPseudonym({ messageId }: FateImdn, { hub }: Session): receipts.Receipt | undefined {
    const [key = '', ...more] = this.ofMessage.get(messageKey({ list: hub.room, messageId })) ?? [];
    return more.length === 0 ? this.byKey.get(key) : undefined;
  }

  /** A recipient in one spelling, the one that edges use. */
  private keyOf(uri: string): string {
    const account = accountOf(uri, this.parts.domain);
    return account === undefined ? participantKey(uri) : `user ${account}`;
  }
}

function messageKey({ list, messageId }: Pick<receipts.Receipt, 'list' | 'messageId'>): string {
  return `${list}\n${messageId}`;
}
