import type { Ownership, PlacementObserver } from '@parley/actor';
import { Placement, placementRules } from '@parley/actor';
import type { Bus, MessageStream, Subscription } from '@parley/bus';
import { leaseStore } from '@parley/bus';
import { listJobEventSubject, lists, listShardCount, streams } from '@parley/contracts';
import type { Cancel, Clock } from '@parley/prelude';
import type { FanOutMeans } from './fan-out.ts';
import { ListJobShard } from './list-job-shard.ts';

/** What the jobs are carried out with. */
export interface ListJobsOptions extends Omit<FanOutMeans, 'progress'> {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly observer: PlacementObserver;
  /** Unique per start of the process: a new life must not inherit the leases of the last. */
  readonly life: string;
  /** Milliseconds. */
  readonly lease: number;
}

/**
 * This edge's share of the messages to lists. A job belongs to the shard of its sender, and the owner of the shard carries
 * it out: it looks when it is told of one, when the shard comes, and when NATS is back.
 */
export class ListJobs implements AsyncDisposable {
  private readonly options: ListJobsOptions;
  private readonly jobs: MessageStream<lists.ListJob>;
  private readonly means: FanOutMeans;
  private readonly placement: Placement;
  private readonly shards = new Map<number, { readonly shard: ListJobShard; readonly news: Subscription }>();
  private readonly stopHearing: Cancel;

  constructor(options: ListJobsOptions) {
    this.options = options;
    const { bus, clock, observer, life, lease } = options;
    this.jobs = bus.stream(streams.listJobs, lists.ListJob);
    this.means = { ...options, progress: bus.stream(streams.listOutcomes, lists.ListProgress) };
    this.placement = new Placement({
      rules: { ...placementRules('lists', life, lease), shards: listShardCount },
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

  /** Jobs under way. */
  get size(): number {
    let size = 0;
    for (const { shard } of this.shards.values()) size += shard.size;
    return size;
  }

  /** Finishes what is under way with each recipient, and hands the rest over. */
  async drain(): Promise<void> {
    await this.placement.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopHearing();
    await this.drain();
  }

  private begin(ownership: Ownership): void {
    const { bus } = this.options;
    const shard = new ListJobShard(this.jobs, this.means, ownership);
    const news = bus.subscribe(listJobEventSubject(ownership.shard), lists.ListJobStored, () => {
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
