import { shardOf } from '@parley/actor';
import type { Bus, MessageStream } from '@parley/bus';
import { streams, traces, traceSubject } from '@parley/contracts';
import type { Imdn } from '@parley/imdn';
import type { Cancel, Clock } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import { field, read, readRaw, serialiseUri } from '@parley/sip';
import type { Inflate } from '../mailbox/content.ts';
import type { MessageFate } from '../mailbox/delivery-hooks.ts';
import type { Amendment } from '../replace/amendment.ts';
import type { SenderDirectory } from '../replace/sender-key.ts';
import { senderKey } from '../replace/sender-key.ts';
import type { Telemetry } from '../telemetry.ts';
import { askingIn, mayAsk } from '../traces/asking.ts';
import type { Followed } from '../traces/followed.ts';
import type { TraceStep } from '../traces/trace-step.ts';
import { noStep } from '../traces/trace-step.ts';
import { requestIn } from './delivery-attempt.ts';

/** What the desk is built from. */
export interface TraceDeskOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly inflate: Inflate;
  readonly directory: SenderDirectory;
  readonly telemetry: Pick<Telemetry, 'traced'>;
}

/** Milliseconds for which steps are gathered: what an edge that is killed may lose. */
const patience = 250;
/** Milliseconds before what could not be stored is tried again. */
const pause = 2_000;
/** Steps in memory; while NATS is away for longer than they last, the newest are not kept. */
const mostHeld = 20_000;
/** Steps and names of one batch. */
const batchSize = 256;

/** What waits for a shard. */
interface Batch {
  readonly steps: TraceStep[];
  readonly names: traces.TraceName[];
}

/**
 * Keeps what becomes of messages whose senders asked for disposition notifications: one idea of it for the API, whatever the
 * sender's own devices kept. Steps are noted in memory and stored in batches, so that no message waits for them; a message
 * that asks for nothing is not looked into.
 */
export class TraceDesk implements AsyncDisposable {
  private readonly options: TraceDeskOptions;
  private readonly stream: MessageStream<traces.TraceBatch>;
  private waiting = new Map<number, Batch>();
  private held = 0;
  private storing: Promise<void> = Promise.resolve();
  private timer: Cancel | undefined;

  constructor(options: TraceDeskOptions) {
    this.options = options;
    this.stream = options.bus.stream(streams.traces, traces.TraceBatch);
  }

  /** Begins to follow a message to an account; undefined: its sender asks for nothing. */
  follow(account: string, request: SipRequest): Followed | undefined {
    const common = this.commonOf(account, request);
    if (common === undefined) return undefined;
    this.accept({ ...common, kind: 'accepted', to: toOf(request) });
    return {
      stored: (devices) => {
        this.note({ ...common, at: this.now, kind: 'stored', devices });
      },
      delivered: (device, status) => {
        this.note({ ...common, at: this.now, kind: 'delivered', devices: [device], status });
      },
      refused: (device, status, reason) => {
        const devices = device === '' ? [] : [device];
        this.note({ ...common, at: this.now, kind: 'refused', devices, status, reason });
      },
    };
  }

  /** A message to a list was accepted; what becomes of its copies is followed one by one. */
  acceptedByList(request: SipRequest, job: string): void {
    const common = this.commonOf('', request);
    if (common !== undefined) this.accept({ ...common, recipient: '', kind: 'accepted', to: toOf(request), job });
  }

  /** How the delivery of a stored copy ended. @param answer - the refusal; undefined: the device took it */
  ended(account: string, device: string, octets: Uint8Array, answer: SipResponse | 'taken' | undefined): void {
    const request = mayAsk(octets) ? requestIn(octets) : undefined;
    const common = request && this.commonOf(account, request);
    if (common === undefined) return;
    const step = { ...common, devices: [device] };
    if (answer === 'taken') this.note({ ...step, kind: 'delivered', status: 200 });
    else this.note({ ...step, kind: 'refused', status: answer?.statusCode ?? 0, reason: answer?.reasonPhrase ?? '' });
  }

  /** What became of a message beside that. */
  became(account: string, request: SipRequest, fate: MessageFate): void {
    if (fate.kind !== 'expired') return;
    const common = this.commonOf(account, request);
    if (common !== undefined) this.note({ ...common, kind: 'expired', devices: fate.devices });
  }

  /** Stored copies of another message of the same sender were amended. */
  amended(account: string, request: SipRequest, { name, action }: Amendment, devices: readonly string[]): void {
    const kind = action === 'recall' ? 'recalled' : 'replaced';
    const recipient = `user ${account}`;
    const common = { ...noStep, at: this.now, sender: this.senderOf(request), recipient, devices, kind } as const;
    if (name.by === 'call-id') this.note({ ...common, callId: name.reference, cseq: name.cSeq ?? 0 });
    else this.note({ ...common, messageId: name.reference });
  }

  /** A recipient notified an account of a message that it sent. @param recipient - in one spelling */
  notified(account: string, recipient: string, { messageId, disposition, note }: Imdn): void {
    if (disposition === undefined) return;
    const said = { reason: note === undefined ? disposition.status : `${disposition.status}: ${note.text}` };
    this.note({ ...noStep, ...said, messageId, at: this.now, sender: `user ${account}`, recipient, kind: 'notified' });
  }

  /** Resolves when what was noted is stored, or cannot be. */
  async settle(): Promise<void> {
    this.timer?.();
    this.timer = undefined;
    await this.store();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settle();
    this.timer?.();
  }

  private get now(): number {
    return this.options.clock.wallTime();
  }

  private senderOf(request: SipRequest): string {
    return senderKey(request, this.options.directory) ?? 'nobody';
  }

  private commonOf(account: string, request: SipRequest): Omit<TraceStep, 'kind'> | undefined {
    const messageId = askingIn(request, this.options.inflate);
    if (messageId === undefined) return undefined;
    const cSeq = read(request, field.cSeq);
    return {
      ...noStep,
      messageId,
      callId: readRaw(request, 'Call-ID') ?? '',
      cseq: cSeq.ok ? (cSeq.value?.sequence ?? 0) : 0,
      sender: this.senderOf(request),
      at: this.now,
      recipient: `user ${account}`,
    };
  }

  /** With a name that finds it by its Call-ID. */
  private accept(step: TraceStep): void {
    const { callId, cseq, messageId, at } = step;
    if (this.note(step)) this.batchOf(callId).names.push({ callId, cseq, messageId, at });
  }

  /** Whether it is kept. */
  private note(step: TraceStep): boolean {
    if (this.held >= mostHeld) {
      this.options.telemetry.traced('dropped', 1);
      return false;
    }
    this.held++;
    this.batchOf(step.messageId === '' ? step.callId : step.messageId).steps.push(step);
    this.timer ??= this.options.clock.after(patience, () => {
      this.timer = undefined;
      void this.store();
    });
    return true;
  }

  private batchOf(name: string): Batch {
    const shard = shardOf(name);
    const known = this.waiting.get(shard);
    if (known !== undefined) return known;
    const batch: Batch = { steps: [], names: [] };
    this.waiting.set(shard, batch);
    return batch;
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
      this.held -= batch.steps.length;
      this.options.telemetry.traced(appended.ok ? 'stored' : 'dropped', batch.steps.length);
      steps.splice(0, batchSize);
      names.splice(0, batchSize);
    }
  }

  private takeBack(shard: number, { steps, names }: Batch): void {
    const later = this.waiting.get(shard) ?? { steps: [], names: [] };
    this.waiting.set(shard, { steps: [...steps, ...later.steps], names: [...names, ...later.names] });
    this.timer ??= this.options.clock.after(pause, () => {
      this.timer = undefined;
      void this.store();
    });
  }
}

function toOf(request: SipRequest): string {
  const to = read(request, field.to);
  return to.ok && to.value !== undefined ? serialiseUri(to.value.uri) : '';
}
