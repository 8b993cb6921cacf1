import type { Bucket, Bus, BusFailure } from '@parley/bus';
import { buckets, encodeToken, receiptKey, receipts } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';

/** Recipients in memory, of all messages together; who was asked for longest ago goes first. */
const mostRecipients = 100_000;

/** Who may notify of messages to lists: read when the first of them does, and remembered for the others. */
export class ReceiptMembers {
  private readonly bucket: Bucket<receipts.ReceiptRecipients>;
  /** The newest last. */
  private readonly known = new Map<string, ReadonlySet<string>>();
  private recipients = 0;

  constructor(bus: Bus) {
    this.bucket = bus.bucket(buckets.receiptRecipients, receipts.ReceiptRecipients);
  }

  /** Stores the recipients of a message, each in one spelling. */
  async put(account: string, messageId: string, recipients: readonly string[]): Promise<Result<number, BusFailure>> {
    return await this.bucket.put(receiptKey(account, messageId), { recipients });
  }

  /** Whether somebody was among them; of a message whose recipients nobody stored, everybody was. */
  async has(account: string, messageId: string, recipient: string): Promise<Result<boolean, BusFailure>> {
    const key = receiptKey(account, messageId);
    const known = this.known.get(key);
    if (known !== undefined) {
      this.known.delete(key);
      this.known.set(key, known);
      return ok(known.has(recipient));
    }
    const found = await this.bucket.get(key);
    if (!found.ok) return found;
    if (found.value === undefined) return ok(true);
    const members = new Set(found.value.value.recipients);
    this.remember(key, members);
    return ok(members.has(recipient));
  }

  /** Whether something was noted of a message. */
  async isNoted(account: string, messageId: string, what: string): Promise<Result<boolean, BusFailure>> {
    const found = await this.bucket.get(noteKey(account, messageId, what));
    return found.ok ? ok(found.value !== undefined) : found;
  }

  /** Notes something of a message. */
  async note(account: string, messageId: string, what: string): Promise<Result<number, BusFailure>> {
    return await this.bucket.put(noteKey(account, messageId, what), { recipients: [] });
  }

  private remember(key: string, members: ReadonlySet<string>): void {
    this.recipients += members.size - (this.known.get(key)?.size ?? 0);
    this.known.set(key, members);
    for (const [oldest, { size }] of this.known) {
      if (this.recipients <= mostRecipients || oldest === key) return;
      this.known.delete(oldest);
      this.recipients -= size;
    }
  }
}

function noteKey(account: string, messageId: string, what: string): string {
  return `${receiptKey(account, messageId)}.${encodeToken(what)}`;
}
