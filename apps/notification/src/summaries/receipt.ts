/** A message to a list, of whose notifications its sender wants a summary. */
export interface OpenedReceipt {
  readonly account: string;
  readonly messageId: string;
  /** URI of the list: the summary is from it. */
  readonly list: string;
  /** URI of the sender of the message. */
  readonly sender: string;
  /** Each recipient in one spelling. */
  readonly recipients: readonly string[];
  readonly summarised: readonly string[];
  /** Wall time in milliseconds. */
  readonly openedAt: number;
  /** Octets of one summary. */
  readonly maxSize: number;
}

/** A notification that waits for a summary. */
export interface Notice {
  readonly sequence: number;
  readonly recipient: string;
  readonly type: string;
  readonly payload: Uint8Array;
  readonly cameAt: number;
}

/** Milliseconds for which answers are waited for. @spec RFC 5438 §8.3: the interval is the aggregator's */
export const patience = 60_000;

/** Octets that a payload takes beside its own in a multipart. */
const perPart = 80;
/** Octets of the rest of a summary: the heads of CPIM and of the multipart. */
const frame = 1_024;

/** What one answer is called: a delivery is told once, however it went. */
export function answerOf({ recipient, type }: Pick<Notice, 'recipient' | 'type'>): string {
  return `${kindOf(type)} ${recipient}`;
}

/**
 * What is known of a message: who told what, and what is in no summary yet. Each notification costs the same, however many
 * recipients there are.
 */
export class Receipt {
  readonly opened: OpenedReceipt;
  /** Whoever told something once need not again. */
  private readonly answers = new Set<string>();
  /** Who has not told yet what he was asked; processing is told by who stores alone, and not waited for. */
  private readonly wanting: Set<string>;
  private waiting: readonly Notice[] = [];
  private arriving: Notice[] = [];
  private octets = 0;
  /** Whether a summary went. */
  private isBegun = false;

  constructor(opened: OpenedReceipt) {
    this.opened = opened;
    const kinds = new Set(opened.summarised.map(kindOf).filter((kind) => kind !== 'processing'));
    this.wanting = new Set([...kinds].flatMap((kind) => opened.recipients.map((recipient) => `${kind} ${recipient}`)));
    this.isWaitedFor = this.wanting.size > 0;
  }

  private readonly isWaitedFor: boolean;

  /** Notifications that wait for a summary, oldest first. */
  get pending(): readonly Notice[] {
    if (this.arriving.length > 0) this.waiting = [...this.waiting, ...this.arriving.splice(0)];
    return this.waiting;
  }

  /** Whether every recipient has told all that was asked. */
  get isComplete(): boolean {
    return this.isWaitedFor && this.wanting.size === 0;
  }

  /** Takes a notification; false when its recipient has told that before. */
  take(notice: Notice): boolean {
    const answer = answerOf(notice);
    if (this.answers.has(answer)) return false;
    this.answered(answer);
    this.arriving.push(notice);
    this.octets += notice.payload.length + perPart;
    return true;
  }

  /** A summary of these notifications was begun, perhaps in an earlier life. */
  begin(sequences: ReadonlySet<number>, answers: readonly string[]): void {
    for (const answer of answers) this.answered(answer);
    this.waiting = this.pending.filter(({ sequence }) => !sequences.has(sequence));
    this.octets = this.waiting.reduce((sum, { payload }) => sum + payload.length + perPart, 0);
    this.isBegun = true;
  }

  /**
   * When what is pending goes out: at once when all have answered, or when it fills a summary; else a minute after the
   * message was sent, and later a minute after the first of those that came late. Undefined: nothing is pending.
   */
  dueAt(): number | undefined {
    const first = this.waiting[0] ?? this.arriving[0];
    if (first === undefined) return undefined;
    const { openedAt, maxSize } = this.opened;
    const isFull = frame + this.octets > maxSize && this.waiting.length + this.arriving.length > 1;
    if (this.isComplete || isFull) return first.cameAt;
    const isLate = this.isBegun || first.cameAt > openedAt + patience;
    return (isLate ? first.cameAt : openedAt) + patience;
  }

  /** As many pending notifications, oldest first, as one summary holds; one at least. */
  batch(): readonly Notice[] {
    const { pending } = this;
    let octets = frame;
    const end = pending.findIndex(
      ({ payload }, i) => (octets += payload.length + perPart) > this.opened.maxSize && i > 0,
    );
    return end === -1 ? pending : pending.slice(0, end);
  }

  private answered(answer: string): void {
    this.answers.add(answer);
    this.wanting.delete(answer);
  }
}

function kindOf(type: string): string {
  return type.endsWith('-delivery') ? 'delivery' : type;
}
