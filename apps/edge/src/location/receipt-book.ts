import type { Bucket, Bus, BusFailure, Following } from '@parley/bus';
import { followBucket } from '@parley/bus';
import { buckets, receiptKey, receipts } from '@parley/contracts';
import type { Result } from '@parley/prelude';

/** Messages to lists whose notifications are not passed on one by one, from a watched copy of their bucket. */
export class ReceiptBook implements Disposable {
  private readonly bucket: Bucket<receipts.Receipt>;
  private readonly byKey = new Map<string, receipts.Receipt>();
  private readonly following: Following;

  constructor(bus: Bus) {
    this.bucket = bus.bucket(buckets.receipts, receipts.Receipt);
    this.following = followBucket(this.bucket, (event) => {
      if (event.kind === 'put') this.byKey.set(event.key, event.value);
      else this.byKey.delete(event.key);
    });
  }

  /** Settles once the copy holds all that existed when the book was opened: before, hidden members would not be known as such. */
  get filled(): Promise<void> {
    return this.following.filled;
  }

  /** How many are known, so that none costs a look. */
  get size(): number {
    return this.byKey.size;
  }

  /** The receipt of a message that an account sent. */
  find(account: string, messageId: string): receipts.Receipt | undefined {
    return this.byKey.get(receiptKey(account, messageId));
  }

  /** Stores one; it holds here at once, and everywhere a moment later. */
  async add(receipt: receipts.Receipt): Promise<Result<number, BusFailure>> {
    const key = receiptKey(receipt.account, receipt.messageId);
    const put = await this.bucket.put(key, receipt);
    if (put.ok) this.byKey.set(key, receipt);
    return put;
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }
}
