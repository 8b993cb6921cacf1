import { createHash } from 'node:crypto';
import type { Ownership } from '@parley/actor';
import type { MessageStream } from '@parley/bus';
import { listOutcomeSubject } from '@parley/contracts';
import type { lists } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { ListJob } from '../../lists/list-job.ts';
import { outcomeKind } from '../../lists/outcome.ts';
import type { OutcomeKind } from '../../lists/outcome.ts';
import { copyOf } from '../../lists/outgoing-message.ts';
import { Lanes } from './lanes.ts';
import type { LaneLimits } from './lanes.ts';

/** What became of a copy, as far as the status of a response tells. */
export type Answer = Pick<SipResponse, 'statusCode' | 'reasonPhrase'>;

/** What a fan-out is made with. */
export interface FanOutMeans {
  readonly clock: Clock;
  readonly realm: string;
  readonly progress: MessageStream<lists.ListProgress>;
  /** Brings a copy to the devices of its recipient or into its mailbox; never rejects. */
  readonly deliver: (copy: SipRequest, sender: string) => Promise<SipResponse>;
  /** Tells the sender, who was answered 202, that a recipient does not get the message. */
  readonly failed: (copy: SipRequest, answer: Answer) => Promise<void>;
  readonly counted: (outcome: OutcomeKind) => void;
  /** The store did not take an outcome; it is tried again. */
  readonly stuck: (job: string, error: unknown) => void;
}

/** Copies without a recorded outcome: what a crash may repeat is few, and slow devices do not use them up. */
const lanes: LaneLimits = { fresh: 32, all: 512, patience: 500 };
/** Progress read at once. */
const page = 256;
/** Milliseconds before something is tried again: doubled each time, up to the last. */
const pauses = { first: 1_000, last: 60_000 };

/** It was told to stop, or may not go on. */
class Stopped extends Error {}

/**
 * A message on its way to the recipients of a list. What became of each is recorded as it is known, and a copy without a
 * record is sent again when the work is taken up after a crash; it is then recognised by Call-ID, CSeq and From tag.
 */
export class FanOut {
  private readonly means: FanOutMeans;
  private readonly job: ListJob;
  private readonly ownership: Ownership;
  private readonly subject: string;
  private readonly unrecorded: lists.CopyOutcome[] = [];
  private recording: Promise<void> = Promise.resolve();
  private nextRecording: Promise<void> | undefined;
  private failure: Error | undefined;
  private stopped = false;
  /** Resolves when every copy has been begun, or none will be. */
  readonly begun: Promise<void>;
  private readonly allBegun: () => void;

  constructor(means: FanOutMeans, job: ListJob, ownership: Ownership) {
    this.means = means;
    this.job = job;
    this.ownership = ownership;
    this.subject = listOutcomeSubject(job.id);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.begun = promise;
    this.allBegun = () => {
      resolve(undefined);
    };
  }

  /** Begins no further copy. */
  stop(): void {
    this.stopped = true;
  }

  /** Resolves when all recipients have an outcome, with true; or when this is no longer to go on. */
  async run(): Promise<boolean> {
    try {
      const settled = await this.takeUp();
      if (settled.size === 0) await this.tellLeftOut();
      await this.sendAll(this.left(settled));
      await this.append({ kind: 'done', value: {} }, 'done');
      return true;
    } catch (error) {
      if (error instanceof Stopped) return false;
      throw error;
    } finally {
      this.allBegun();
    }
  }

  private *left(settled: ReadonlySet<number>): Generator<number, void> {
    for (const index of this.job.copies.keys()) if (!settled.has(index)) yield index;
  }

  /** Copies that have an outcome from an earlier attempt. */
  private async takeUp(): Promise<ReadonlySet<number>> {
    const settled = new Set<number>();
    for (let from = 1; ;) {
      const read = await this.insist(() => this.means.progress.read(this.subject, { from, limit: page }));
      for (const { sequence, message } of read) {
        from = sequence + 1;
        if (message.step?.kind === 'outcomes') for (const { index } of message.step.value.outcomes) settled.add(index);
      }
      if (read.length < page) break;
    }
    const { from: sender, list, acceptedAt, copies, settled: others, messageId } = this.job;
    const value = { sender, list, acceptedAt, copies: copies.map(({ uri }) => uri), settled: others, messageId };
    if (settled.size === 0) await this.append({ kind: 'accepted', value }, 'accepted');
    return settled;
  }

  private async sendAll(left: Iterable<number>): Promise<void> {
    const under = new Lanes(this.means.clock, lanes);
    for (const index of left) {
      await under.room();
      if (this.failure !== undefined || this.stopped || !this.ownership.isValid()) break;
      under.add(this.sendOne(index));
    }
    this.allBegun();
    await under.idle();
    if (this.failure !== undefined) throw this.failure;
    this.mayGoOn();
  }

  private async sendOne(index: number): Promise<void> {
    try {
      await this.record(index, await this.send(index));
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error('a copy failed', { cause: error });
    }
  }

  /** Recipients of whom it was clear that they get no copy. */
  private async tellLeftOut(): Promise<void> {
    const { shared, settled } = this.job;
    for (const [index, { uri, status, reason }] of settled.entries()) {
      this.mayGoOn();
      const copy = copyOf(shared, { uri, fields: [] }, this.callIdOf(`settled ${index}`));
      await this.means.failed(copy, { statusCode: status, reasonPhrase: reason });
    }
  }

  /** The final answer for a recipient, which the sender hears of where it is none that he wants. */
  private async send(index: number): Promise<Answer> {
    const copy = this.copy(index);
    if (copy === undefined) return { statusCode: 500, reasonPhrase: 'No Such Copy' };
    const answer = await this.answerTo(copy);
    if (answer.statusCode >= 300) await this.means.failed(copy, answer);
    return answer;
  }

  /** While the store is away a copy is tried again. */
  private async answerTo(copy: SipRequest): Promise<Answer> {
    const { clock, deliver } = this.means;
    for (let pause = pauses.first; clock.wallTime() < this.job.expiresAt; pause = Math.min(pause * 2, pauses.last)) {
      const response = await deliver(copy, this.job.sender);
      if (response.statusCode !== 503) return response;
      await this.wait(pause);
      this.mayGoOn();
    }
    return { statusCode: 480, reasonPhrase: 'Expired' };
  }

  private copy(index: number): SipRequest | undefined {
    const copy = this.job.copies[index];
    return copy && copyOf(this.job.shared, copy, this.callIdOf(String(index)));
  }

  private callIdOf(copy: string): string {
    const digest = createHash('sha256').update(`${this.job.id}\n${copy}`).digest('base64url').slice(0, 26);
    return `${digest}@${this.means.realm}`;
  }

  /** Resolves when the outcome is stored; those that come while others are being stored go together. */
  private record(index: number, { statusCode, reasonPhrase }: Answer): Promise<void> {
    this.unrecorded.push({ index, status: statusCode, reason: reasonPhrase });
    this.means.counted(outcomeKind(statusCode));
    return (this.nextRecording ??= this.recording.then(this.recordAll, this.recordAll));
  }

  private readonly recordAll = (): Promise<void> => {
    this.nextRecording = undefined;
    const outcomes = this.unrecorded.splice(0);
    return (this.recording = this.append({ kind: 'outcomes', value: { outcomes } }, undefined));
  };

  private async append(step: NonNullable<lists.ListProgress['step']>, name: string | undefined): Promise<void> {
    const options = name === undefined ? {} : { messageId: `${this.job.id} ${name}` };
    await this.insist(() => this.means.progress.append(this.subject, { step }, options));
  }

  /** Asks the store until it answers. */
  private async insist<T>(
    ask: () => Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }>,
  ): Promise<T> {
    for (let pause = pauses.first; ; pause = Math.min(pause * 2, pauses.last)) {
      this.mayRecord();
      const answer = await ask();
      if (answer.ok) return answer.value;
      this.means.stuck(this.job.id, answer.error);
      await this.wait(pause);
    }
  }

  private mayRecord(): void {
    if (!this.ownership.isValid()) throw new Stopped();
  }

  private mayGoOn(): void {
    if (this.stopped) throw new Stopped();
    this.mayRecord();
  }

  private wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.means.clock.after(milliseconds, resolve));
  }
}
