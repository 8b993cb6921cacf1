import type { Ownership, PlacementObserver } from '@parley/actor';
import { Placement, placementRules } from '@parley/actor';
import type { Bus, Subscription } from '@parley/bus';
import { leaseStore } from '@parley/bus';
import { receiptEventSubject, receipts, receiptShardCount, streams } from '@parley/contracts';
import type { Cancel } from '@parley/prelude';
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

/** This instance's share of the receipts, by leases of their own: few, since a receipt needs an owner and no fine division. */
export class ReceiptShards implements AsyncDisposable {
  private readonly options: ReceiptShardsOptions;
  private readonly means: ReceiptMeans;
  private readonly placement: Placement;
  private readonly shards = new Map<number, { readonly shard: ReceiptShard; readonly news: Subscription }>();
  private readonly stopHearing: Cancel;

  constructor(options: ReceiptShardsOptions) {
    this.options = options;
    const { bus, clock, observer, life, lease } = options;
    this.means = { ...options, stream: bus.stream(streams.receipts, receipts.ReceiptNews) };
    this.placement = new Placement({
      rules: { ...placementRules('receipts', life, lease), shards: receiptShardCount },
      store: leaseStore(bus, lease),
      clock,
      observer,
      hooks: {
        onAcquired: (ownership) => {
          this.begin(ownership);
        },
        onLost: async (shard) => {
          await this.end(shard);
        },
      },
    });
    this.stopHearing = bus.onState((state) => {
      if (state === 'connected') for (const { shard } of this.shards.values()) shard.look();
    });
  }

  /** Messages whose notifications are collected here. */
  get size(): number {
    let size = 0;
    for (const { shard } of this.shards.values()) size += shard.size;
    return size;
  }

  /** Hands all over. */
  async drain(): Promise<void> {
    await this.placement.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopHearing();
    await this.drain();
  }

  private begin(ownership: Ownership): void {
    const { bus } = this.options;
    const shard = new ReceiptShard(this.means, ownership);
    const news = bus.subscribe(receiptEventSubject(ownership.shard), receipts.ReceiptNewsStored, () => {
      shard.look();
    });
    this.shards.set(ownership.shard, { shard, news });
    // What was stored before the subscription stands is found, what is stored later is told of.
    void bus.flush().then(() => {
      shard.look();
    });
  }

  private async end(number: number): Promise<void> {
    const held = this.shards.get(number);
    if (held === undefined) return;
    this.shards.delete(number);
    await held.news.stop();
    await held.shard.close();
  }
}
