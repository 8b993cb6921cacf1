import type { PlacementObserver } from '@parley/actor';
import { StreamShards } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { receiptEventSubject, receipts, receiptShardCount, streams } from '@parley/contracts';
import { ReceiptShard } from './receipt-shard.ts';
import type { ReceiptMeans } from './receipt-shard.ts';

/** What the shards are built from. */
export interface ReceiptShardsOptions extends Omit<ReceiptMeans, 'stream'> {
  readonly bus: Bus;
  readonly observer: PlacementObserver;
  /** Unique per start of the process. */
  readonly life: string;
  /** Milliseconds. */
  readonly lease: number;
}

/** Takes a share of the receipts, by leases of their own: few, since a receipt needs an owner and no fine division. */
export function ownReceipts(options: ReceiptShardsOptions): StreamShards<receipts.ReceiptNewsStored> {
  const { bus, life } = options;
  const means: ReceiptMeans = { ...options, stream: bus.stream(streams.receipts, receipts.ReceiptNews) };
  return new StreamShards({
    ...options,
    service: 'receipts',
    shards: receiptShardCount,
    instance: life,
    news: { subject: receiptEventSubject, codec: receipts.ReceiptNewsStored },
    begin: (ownership) => new ReceiptShard(means, ownership),
  });
}
