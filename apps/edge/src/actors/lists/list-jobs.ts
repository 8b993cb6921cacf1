import type { PlacementObserver } from '@parley/actor';
import { StreamShards } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { listJobEventSubject, lists, listShardCount, streams } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import type { FanOutMeans } from './fan-out.ts';
import { ListJobShard } from './list-job-shard.ts';

/** What the jobs are carried out with. */
export interface ListJobsOptions extends Omit<FanOutMeans, 'progress'> {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly observer: PlacementObserver;
  /** Unique per start of the process. */
  readonly life: string;
  /** Milliseconds. */
  readonly lease: number;
}

/** This edge's share of the messages to lists: a job belongs to the shard of its sender. */
export type ListJobs = StreamShards<lists.ListJobStored>;

/** Takes a share of the jobs. */
export function ownListJobs(options: ListJobsOptions): ListJobs {
  const { bus, life } = options;
  const jobs = bus.stream(streams.listJobs, lists.ListJob);
  const means: FanOutMeans = { ...options, progress: bus.stream(streams.listOutcomes, lists.ListProgress) };
  return new StreamShards({
    ...options,
    service: 'lists',
    shards: listShardCount,
    instance: life,
    news: { subject: listJobEventSubject, codec: lists.ListJobStored },
    begin: (ownership) => new ListJobShard(jobs, means, ownership),
  });
}
