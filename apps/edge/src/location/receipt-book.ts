import type { Bucket, Bus, BusFailure, Following } from '@parley/bus';
import { followBucket } from '@parley/bus';
import { buckets, receiptKey, receipts } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';

/** Messages to lists whose senders asked for notifications, from a watched copy of their bucket. */
export class ReceiptBook implements Disposable {
  private readonly bucket: Bucket<receipts.Receipt>;
  private readonly byKey = new Map<string, receipts.Receipt>();
  private readonly following: Following;
  private hasHidden = false;

  constructor(bus: Bus) {
    this.bucket = bus.bucket(buckets.receipts, receipts.Receipt);
    this.following = followBucket(this.bucket, (event) => {
      if (event.kind === 'put') this.keep(event.key, event.value);
      else this.byKey.delete(event.key);
    });
  }

  /** Settles once the copy holds all that existed when the book was opened: before, hidden members would not be known as such. */
  get filled(): Promise<void> {
    return this.following.filled;
  }

  /** Whether one was ever known whose list hides its members. */
  get everHid(): boolean {
    return this.hasHidden;
  }

  /** What the store has now of a message of an account, however far this copy is behind. */
  async ask(account: string, messageId: string): Promise<Result<receipts.Receipt | undefined, BusFailure>> {
    const found = await this.bucket.get(receiptKey(account, messageId));
    return found.ok ? ok(found.value?.value) : found;
  }

  /** The receipt of a message that an account sent. */
  find(account: string, messageId: string): receipts.Receipt | undefined {
    return this.byKey.get(receiptKey(account, messageId));
  }

  /** Stores one; it holds here at once, and everywhere a moment later. */
  async add(receipt: receipts.Receipt): Promise<Result<number, BusFailure>> {
    const key = receiptKey(receipt.account, receipt.messageId);
    const put = await this.bucket.put(key, receipt);
    if (put.ok) this.keep(key, receipt);
    return put;
  }

  private keep(key: string, receipt: receipts.Receipt): void {
    this.byKey.set(key, receipt);
    this.hasHidden ||= receipt.hidden;
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }
}
