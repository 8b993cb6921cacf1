import type { Ownership } from '@parley/actor';
import { Rounds } from '@parley/actor';
import type { MessageStream, StoredMessage } from '@parley/bus';
import { stored } from '@parley/bus';
import type { receipts } from '@parley/contracts';
import { receiptSubject } from '@parley/contracts';
import type { Cancel, Clock } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { serialise } from '@parley/sip';
import type { Notice } from '../summaries/receipt.ts';
import { answerOf, Receipt } from '../summaries/receipt.ts';
import { summaryMessage } from '../summaries/summary-message.ts';

/** What summaries are made with. */
export interface ReceiptMeans {
  readonly clock: Clock;
  readonly stream: MessageStream<receipts.ReceiptNews>;
  /** Puts a request into the mailbox of an account; false when that could not be done. */
  readonly deliver: (account: string, request: Uint8Array) => Promise<boolean>;
  readonly summarised: (notifications: number) => void;
  /** The store, or who delivers, did not do; it is tried again. */
  readonly stuck: (error: unknown) => void;
}

/** Milliseconds before what failed is tried again: doubled each time, up to the last. */
const pauses = { first: 2_000, last: 300_000 };
/** Milliseconds for which a receipt is kept: as long as edges send notifications here. */
const lifetime = 8 * 86_400_000;
/** News read at once. */
const page = 256;

interface Held {
  readonly receipt: Receipt;
  /** Messages of the stream that are kept as long as the receipt. */
  readonly kept: number[];
  /** Summaries that a former owner began, by their sequences: whose notifications are still there has perhaps not got them. */
  readonly unsent: (readonly number[])[];
  /** Ends the wait for the time at which something is to be done. */
  timer: Cancel;
  /** How often in succession its summary could not be stored, and until when it is let be. */
  failures: number;
  restsUntil: number;
}

const noTimer: Cancel = () => {};

/**
 * The receipts of one shard. What came and what was begun is in the stream, so that whoever takes the shard over goes on
 * where its last owner was: a summary that may have been sent is sent once more, the same, and known by its names. Each
 * receipt has a timer of its own, so that a look costs what came and what is due, however many are held.
 */
export class ReceiptShard {
  private readonly means: ReceiptMeans;
  private readonly ownership: Ownership;
  private readonly held = new Map<string, Held>();
  /** Receipts of which there is news, or for which it is time. */
  private readonly ready = new Set<string>();
  /** Notifications by their sequence until a summary has them. */
  private readonly notices = new Map<number, Notice>();
  private readonly rounds = new Rounds(
    () => this.lookOnce(),
    () => this.mayGoOn,
  );
  private from = 1;
  /** For the whole shard, while the store is away. */
  private timer: Cancel = noTimer;
  private failures = 0;
  private closed = false;

  constructor(means: ReceiptMeans, ownership: Ownership) {
    this.means = means;
    this.ownership = ownership;
  }

  /** Messages whose notifications are collected. */
  get size(): number {
    return this.held.size;
  }

  /** There may be news, or something may be due. */
  look(): void {
    this.rounds.call();
  }

  /** Begins nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.closed = true;
    this.timer();
    for (const { timer } of this.held.values()) timer();
    await this.rounds.settled();
  }

  private async lookOnce(): Promise<void> {
    try {
      await this.readNews();
      await this.attendReady();
      this.failures = 0;
    } catch (error) {
      this.means.stuck(error);
      this.timer();
      this.timer = this.means.clock.after(pauseAfter(this.failures++), () => {
        this.look();
      });
    }
  }

  /** A summary that cannot be stored, for its mailbox is full perhaps, holds up no other. */
  private async attendReady(): Promise<void> {
    for (const key of this.ready) {
      this.ready.delete(key);
      const held = this.held.get(key);
      if (held === undefined || held.restsUntil > this.means.clock.wallTime()) continue;
      try {
        await this.attend(key, held);
        held.failures = 0;
      } catch (error) {
        this.means.stuck(error);
        if (this.isOld(held) && this.mayGoOn) this.end(key, held);
        else held.restsUntil = this.means.clock.wallTime() + pauseAfter(held.failures++);
      }
      this.arm(key, held);
    }
  }

  private get mayGoOn(): boolean {
    return !this.closed && this.ownership.isValid();
  }

  private async readNews(): Promise<void> {
    for (;;) {
      const read = stored(
        await this.means.stream.read(receiptSubject(this.ownership.shard), { from: this.from, limit: page }),
      );
      for (const news of read) {
        this.take(news);
        this.from = news.sequence + 1;
      }
      if (read.length < page) return;
    }
  }

  private take({ sequence, message }: StoredMessage<receipts.ReceiptNews>): void {
    const { account, messageId, news } = message;
    const key = `${account}\n${messageId}`;
    const held = this.held.get(key);
    if (news?.kind === 'opened' && held === undefined) {
      const receipt = new Receipt({ account, messageId, ...news.value });
      this.held.set(key, { receipt, kept: [sequence], unsent: [], timer: noTimer, failures: 0, restsUntil: 0 });
    } else if (held === undefined) void this.means.stream.remove(sequence);
    else if (news?.kind === 'came') this.takeNotice(held, { sequence, ...news.value });
    else if (news?.kind === 'batch') this.takeBatch(held, sequence, news.value);
    else held.kept.push(sequence);
    this.ready.add(key);
  }

  private takeNotice(held: Held, notice: Notice): void {
    this.notices.set(notice.sequence, notice);
    if (!held.receipt.take(notice)) this.forget([notice.sequence]);
  }

  private takeBatch(held: Held, sequence: number, { sequences, answers }: receipts.BatchBegun): void {
    held.kept.push(sequence);
    held.receipt.begin(new Set(sequences), answers);
    if (sequences.every((each) => this.notices.has(each))) held.unsent.push(sequences);
    else this.forget(sequences);
  }

  private async attend(key: string, held: Held): Promise<void> {
    for (let batch = held.unsent[0]; batch !== undefined && this.mayGoOn; batch = held.unsent[0]) {
      await this.send(held, batch);
      held.unsent.shift();
    }
    while (this.mayGoOn && this.isDue(held.receipt)) await this.begin(held);
    const { receipt } = held;
    if ((receipt.isComplete || this.isOld(held)) && receipt.pending.length === 0 && this.mayGoOn) this.end(key, held);
  }

  private isOld({ receipt }: Held): boolean {
    return this.means.clock.wallTime() > receipt.opened.openedAt + lifetime;
  }

  /** With what was never stored, if there is such. */
  private end(key: string, { receipt, kept, unsent, timer }: Held): void {
    timer();
    this.held.delete(key);
    this.forget([...receipt.pending.map(({ sequence }) => sequence), ...unsent.flat(), ...kept]);
  }

  private isDue(receipt: Receipt): boolean {
    const at = receipt.dueAt();
    return at !== undefined && at <= this.means.clock.wallTime();
  }

  /** What a summary holds is stored before it is sent, so that it is the same whoever sends it. */
  private async begin(held: Held): Promise<void> {
    const { stream, clock } = this.means;
    const { account, messageId } = held.receipt.opened;
    const batch = held.receipt.batch();
    const sequences = batch.map(({ sequence }) => sequence);
    const answers = batch.map(answerOf);
    const news = { kind: 'batch', value: { sequences, answers, at: clock.wallTime() } } as const;
    const id = `batch ${this.ownership.shard} ${sequences.join(' ')}`;
    const options = {
      messageId: id.length > 200 ? `${id.slice(0, 180)} ${sequences.length} ${sequences.at(-1) ?? 0}` : id,
    };
    stored(await stream.append(receiptSubject(this.ownership.shard), { account, messageId, news }, options));
    held.receipt.begin(new Set(sequences), answers);
    held.unsent.push(sequences);
    await this.send(held, sequences);
    held.unsent.pop();
  }

  private async send(held: Held, sequences: readonly number[]): Promise<void> {
    const batch = sequences.flatMap((sequence) => this.notices.get(sequence) ?? []);
    if (batch.length < sequences.length || batch.length === 0) return;
    const { opened } = held.receipt;
    const request = serialise(summaryMessage(opened, batch, nodeBytes), nodeBytes);
    if (!(await this.means.deliver(opened.account, request))) throw new Error('a summary was not stored');
    this.means.summarised(batch.length);
    this.forget(sequences);
  }

  private forget(sequences: readonly number[]): void {
    for (const sequence of sequences) {
      this.notices.delete(sequence);
      void this.means.stream.remove(sequence);
    }
  }

  /** Wakes a receipt when something is due, when it has rested, or when its time is over. */
  private arm(key: string, held: Held): void {
    held.timer();
    if (this.closed || this.held.get(key) !== held) return;
    const { clock } = this.means;
    const over = held.receipt.opened.openedAt + lifetime + 1;
    const at = held.unsent.length > 0 ? 0 : Math.min(held.receipt.dueAt() ?? over, over);
    held.timer = clock.after(Math.max(0, Math.max(at, held.restsUntil) - clock.wallTime()), () => {
      this.ready.add(key);
      this.look();
    });
  }
}

function pauseAfter(failures: number): number {
  return Math.min(pauses.first * 2 ** failures, pauses.last);
}
