import { createHash } from 'node:crypto';
import { shardOf } from '@parley/actor';
import { receiptEventSubject, receipts, receiptShardCount, receiptSubject, streams } from '@parley/contracts';
import type { Bus } from '../bus.ts';
import type { MessageStream } from '../message-stream.ts';

/** What is to be known of a message whose notifications go into summaries. */
export interface ReceiptEntry {
  /** Whose message it is. */
  readonly account: string;
  readonly messageId: string;
  readonly news: NonNullable<receipts.ReceiptNews['news']>;
  /** Tells it from all other news of the message: what comes again by the same name is stored once. */
  readonly name: string;
}

/** Where edges and switches write down what the notification service makes summaries of. */
export class ReceiptJournal {
  private readonly bus: Bus;
  private readonly stream: MessageStream<receipts.ReceiptNews>;

  constructor(bus: Bus) {
    this.bus = bus;
    this.stream = bus.stream(streams.receipts, receipts.ReceiptNews);
  }

  /** Stores it, and tells the owner of its shard; false when it could not be stored. */
  async append({ account, messageId, news, name }: ReceiptEntry): Promise<boolean> {
    const shard = shardOf(account) % receiptShardCount;
    const id = createHash('sha256').update(`${account}\n${messageId}\n${name}`).digest('base64url');
    const appended = await this.stream.append(receiptSubject(shard), { account, messageId, news }, { messageId: id });
    if (!appended.ok || appended.value.outcome === 'conflict') return false;
    const { sequence } = appended.value;
    this.bus.publish(receiptEventSubject(shard), receipts.ReceiptNewsStored, { sequence });
    return true;
  }
}
