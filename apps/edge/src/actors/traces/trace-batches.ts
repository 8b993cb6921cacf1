import { shardOf } from '@parley/actor';
import type { Bus, MessageStream } from '@parley/bus';
import { streams, traces, traceSubject } from '@parley/contracts';
import type { Cancel, Clock } from '@parley/prelude';
import { RateLimit } from '../../federation/rate-limit.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { TraceStep } from '../../traces/trace-step.ts';

/** What the batches are built from. */
export interface TraceBatchesOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'traced'>;
}

/** Milliseconds for which steps are gathered: what an edge that is killed may lose. */
const patience = 250;
/** Milliseconds before what could not be stored is tried again. */
const pause = 2_000;
/** Steps in memory; while NATS is away for longer than they last, the newest are not kept. */
const mostHeld = 20_000;
/** Steps of one user's messages in memory: what he sends in a moment, and no more, so that others' are kept too. */
const mostOfOne = 1_000;
/**
 * Steps that one user may have stored: a message to the longest list and its outcomes at once, and in the long run a fifth of
 * the stream in the seven days that it keeps.
 */
const share = { burst: 50_000, perSecond: 0.5 };
/** Steps and names of one batch. */
const batchSize = 256;

/** What waits for a shard. */
interface Batch {
  readonly steps: TraceStep[];
  readonly names: traces.TraceName[];
}

/** Steps on their way into the stream `traces`: in memory for a moment, then stored together with others of their shard. */
export class TraceBatches {
  private readonly options: TraceBatchesOptions;
  private readonly stream: MessageStream<traces.TraceBatch>;
  private waiting = new Map<number, Batch>();
  private held = 0;
  /** Steps in memory by who sent the message. */
  private readonly heldOf = new Map<string, number>();
  private readonly shares = new RateLimit(share);
  private storing: Promise<void> = Promise.resolve();
  private timer: Cancel | undefined;

  constructor(options: TraceBatchesOptions) {
    this.options = options;
    this.stream = options.bus.stream(streams.traces, traces.TraceBatch);
  }

  /** Keeps a step; false when there are too many, of all or of one user. */
  note(step: TraceStep): boolean {
    const ofOne = this.heldOf.get(step.sender) ?? 0;
    if (this.held >= mostHeld || ofOne >= mostOfOne || !this.shares.take(causeOf(step), this.options.clock.now())) {
      this.options.telemetry.traced('dropped', 1);
      return false;
    }
    this.held++;
    this.heldOf.set(step.sender, ofOne + 1);
    this.batchOf(step.messageId === '' ? step.callId : step.messageId).steps.push(step);
    this.storeAfter(patience);
    return true;
  }

  /** Keeps a step that begins a message, with a name that finds it by its Call-ID. */
  begin(step: TraceStep): void {
    const { callId, cseq, messageId, at } = step;
    if (this.note(step)) this.batchOf(callId).names.push({ callId, cseq, messageId, at });
  }

  /** Resolves when what was noted is stored, or cannot be. */
  async settle(): Promise<void> {
    this.timer?.();
    this.timer = undefined;
    await this.store();
  }

  private batchOf(name: string): Batch {
    const shard = shardOf(name);
    const known = this.waiting.get(shard);
    if (known !== undefined) return known;
    const batch: Batch = { steps: [], names: [] };
    this.waiting.set(shard, batch);
    return batch;
  }

  private storeAfter(time: number): void {
    this.timer ??= this.options.clock.after(time, () => {
      this.timer = undefined;
      void this.store();
    });
  }

  private store(): Promise<void> {
    this.storing = this.storing.then(() => this.storeAll());
    return this.storing;
  }

  private async storeAll(): Promise<void> {
    const { waiting } = this;
    this.waiting = new Map();
    await Promise.all([...waiting].map(([shard, batch]) => this.storeShard(shard, batch)));
  }

  /** What is not stored waits again, for a longer while. */
  private async storeShard(shard: number, { steps, names }: Batch): Promise<void> {
    while (steps.length > 0 || names.length > 0) {
      const batch = { steps: steps.slice(0, batchSize), names: names.slice(0, batchSize) };
      const appended = await this.stream.append(traceSubject(shard), batch);
      if (!appended.ok && appended.error.retryable) {
        this.takeBack(shard, { steps, names });
        return;
      }
      this.release(batch.steps);
      this.options.telemetry.traced(appended.ok ? 'stored' : 'dropped', batch.steps.length);
      steps.splice(0, batchSize);
      names.splice(0, batchSize);
    }
  }

  private release(steps: readonly TraceStep[]): void {
    this.held -= steps.length;
    for (const { sender } of steps) {
      const left = (this.heldOf.get(sender) ?? 0) - 1;
      if (left > 0) this.heldOf.set(sender, left);
      else this.heldOf.delete(sender);
    }
  }

  private takeBack(shard: number, { steps, names }: Batch): void {
    const later = this.waiting.get(shard) ?? { steps: [], names: [] };
    this.waiting.set(shard, { steps: [...steps, ...later.steps], names: [...names, ...later.names] });
    this.storeAfter(pause);
  }
}

/** Who makes a step come about: what a recipient notifies counts against himself. */
function causeOf({ kind, sender, recipient }: TraceStep): string {
  return kind === 'notified' ? recipient : sender;
}
