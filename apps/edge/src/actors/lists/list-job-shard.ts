import type { Ownership } from '@parley/actor';
import { Rounds } from '@parley/actor';
import type { MessageStream, StoredMessage } from '@parley/bus';
import { listJobSubject } from '@parley/contracts';
import type { lists } from '@parley/contracts';
import { jobFromRecord } from '../../adapters/list-job-record.ts';
import { FanOut } from './fan-out.ts';
import type { FanOutMeans } from './fan-out.ts';
import { KeyedQueue } from '../keyed-queue.ts';

/** Jobs of one shard in memory at the same time: each may name some thousand recipients. */
const mostJobs = 16;
/** Milliseconds before the store is asked again. */
const pause = 1_000;
/** Milliseconds before a job that met a bug of ours, or could not be removed, is taken up again. */
const retryPause = 60_000;

/** The jobs of one shard, oldest first; those of one sender begin their copies one after the other. */
export class ListJobShard {
  private readonly jobs: MessageStream<lists.ListJob>;
  private readonly means: FanOutMeans;
  private readonly ownership: Ownership;
  /** By their sequence. */
  private readonly running = new Map<number, { readonly fanOut: FanOut; readonly done: Promise<void> }>();
  private readonly senders = new KeyedQueue();
  private readonly rounds = new Rounds(
    () => this.takeNext(),
    () => !this.closed && this.running.size < mostJobs,
  );
  private from = 1;
  private closed = false;

  constructor(jobs: MessageStream<lists.ListJob>, means: FanOutMeans, ownership: Ownership) {
    this.jobs = jobs;
    this.means = means;
    this.ownership = ownership;
  }

  get size(): number {
    return this.running.size;
  }

  /** There may be a job. */
  look(): void {
    this.rounds.call();
  }

  /** Begins nothing more; resolves when what is under way has an outcome. */
  async close(): Promise<void> {
    this.closed = true;
    const running = [...this.running.values()];
    for (const { fanOut } of running) fanOut.stop();
    await Promise.all(running.map(({ done }) => done));
  }

  private async takeNext(): Promise<void> {
    const next = await this.jobs.next(listJobSubject(this.ownership.shard), this.from);
    if (!next.ok) {
      this.means.clock.after(pause, () => {
        this.look();
      });
    } else if (next.value !== undefined) {
      this.from = next.value.sequence + 1;
      this.start(next.value);
      this.look();
    }
  }

  private start({ sequence, message }: StoredMessage<lists.ListJob>): void {
    if (this.running.has(sequence)) return;
    const job = jobFromRecord(message);
    if (job === undefined) {
      this.means.stuck(message.id, new Error('a job that cannot be read'));
      return;
    }
    const fanOut = new FanOut(this.means, job, this.ownership);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.running.set(sequence, { fanOut, done: promise });
    this.senders.run(job.sender, async () => {
      void this.carryOut(fanOut, job.id, sequence).then((isOver) => {
        this.running.delete(sequence);
        resolve(undefined);
        if (isOver) this.look();
        else this.tryAgain(sequence);
      });
      await fanOut.begun;
    });
  }

  /** Whether nothing of it is left to do here. */
  private async carryOut(fanOut: FanOut, id: string, sequence: number): Promise<boolean> {
    try {
      if (!(await fanOut.run())) return true;
      const removed = await this.jobs.remove(sequence);
      if (removed.ok) return true;
      this.means.stuck(id, removed.error);
    } catch (error) {
      this.means.stuck(id, error);
    }
    return false;
  }

  private tryAgain(sequence: number): void {
    this.means.clock.after(retryPause, () => {
      this.from = Math.min(this.from, sequence);
      this.look();
    });
  }
}
