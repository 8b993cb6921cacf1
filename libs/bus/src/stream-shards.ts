import type { Ownership, PlacementObserver } from '@parley/actor';
import { Placement, placementRules } from '@parley/actor';
import type { Codec } from '@parley/contracts';
import type { Cancel, Clock } from '@parley/prelude';
import type { Bus, Subscription } from './bus.ts';
import { leaseStore } from './lease-store.ts';

/** What the owner of a shard does with what a stream keeps for it. */
export interface StreamShard {
  /** What is under way. */
  readonly size: number;
  /** There may be something new. */
  look(): void;
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>;
}

/** What {@link StreamShards} are built from. */
export interface StreamShardsOptions<News> {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly observer: PlacementObserver;
  /** Names the leases: what a service has of this kind beside others. */
  readonly service: string;
  readonly shards: number;
  /** Unique per start of the process: a new life must not inherit the leases of the last. */
  readonly instance: string;
  /** Milliseconds. */
  readonly lease: number;
  /** Where it is told that something was stored for a shard. */
  readonly news: { readonly subject: (shard: number) => string; readonly codec: Codec<News> };
  readonly begin: (ownership: Ownership) => StreamShard;
}

/**
 * This instance's share of work that waits in a stream. The owner of a shard carries it out: it looks when it is told of
 * something, when the shard comes, and when NATS is back.
 */
export class StreamShards<News> implements AsyncDisposable {
  private readonly options: StreamShardsOptions<News>;
  private readonly placement: Placement;
  private readonly held = new Map<number, { readonly shard: StreamShard; readonly news: Subscription }>();
  private readonly stopHearing: Cancel;

  constructor(options: StreamShardsOptions<News>) {
    this.options = options;
    const { bus, clock, observer, service, shards, instance, lease } = options;
    this.placement = new Placement({
      rules: { ...placementRules(service, instance, lease), shards },
      store: leaseStore(bus),
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
      if (state === 'connected') for (const { shard } of this.held.values()) shard.look();
    });
  }

  /** {@link Placement.isAlive} */
  get isAlive(): boolean {
    return this.placement.isAlive;
  }

  /** What is under way here. */
  get size(): number {
    let size = 0;
    for (const { shard } of this.held.values()) size += shard.size;
    return size;
  }

  /** Finishes what is under way, and hands the rest over. */
  async drain(): Promise<void> {
    await this.placement.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopHearing();
    await this.drain();
  }

  private begin(ownership: Ownership): void {
    const { bus, news, begin } = this.options;
    const shard = begin(ownership);
    const heard = bus.subscribe(news.subject(ownership.shard), news.codec, () => {
      shard.look();
    });
    this.held.set(ownership.shard, { shard, news: heard });
    // What was stored before the subscription stands is found, what is stored later is told of.
    void bus.flush().then(() => {
      shard.look();
    });
  }

  private async end(number: number): Promise<void> {
    const held = this.held.get(number);
    if (held === undefined) return;
    this.held.delete(number);
    await held.news.stop();
    await held.shard.close();
  }
}
