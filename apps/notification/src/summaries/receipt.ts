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

/** What is known of a message: who told what, and what is in no summary yet. */
export interface Receipt {
  readonly opened: OpenedReceipt;
  /** Whoever told something once need not again. */
  readonly answers: ReadonlySet<string>;
  readonly pending: readonly Notice[];
  /** Whether a summary went. */
  readonly isBegun: boolean;
}

/** Milliseconds for which answers are waited for. @spec RFC 5438 §8.3: the interval is the aggregator's */
export const patience = 60_000;

/** Octets that a payload takes beside its own in a multipart. */
const perPart = 80;
/** Octets of the rest of a summary: the heads of CPIM and of the multipart. */
const frame = 1_024;

/** A receipt that nobody has answered. */
export function openReceipt(opened: OpenedReceipt): Receipt {
  return { opened, answers: new Set(), pending: [], isBegun: false };
}

/** What one answer is called: a delivery is told once, however it went. */
export function answerOf({ recipient, type }: Pick<Notice, 'recipient' | 'type'>): string {
  return `${type.endsWith('-delivery') ? 'delivery' : type} ${recipient}`;
}

/** The receipt with a notification; the same when its recipient has told that before. */
export function withNotice(receipt: Receipt, notice: Notice): Receipt {
  const answer = answerOf(notice);
  if (receipt.answers.has(answer)) return receipt;
  return { ...receipt, answers: new Set(receipt.answers).add(answer), pending: [...receipt.pending, notice] };
}

/** The receipt after a summary of these notifications was begun, perhaps in an earlier life. */
export function withoutNotices(receipt: Receipt, sequences: ReadonlySet<number>, answers: readonly string[]): Receipt {
  return {
    ...receipt,
    answers: new Set([...receipt.answers, ...answers]),
    pending: receipt.pending.filter(({ sequence }) => !sequences.has(sequence)),
    isBegun: true,
  };
}

/** Whether every recipient has told all that was asked; processing is told by who stores alone, and not waited for. */
export function isComplete({ opened, answers }: Receipt): boolean {
  const kinds = new Set(opened.summarised.map(kindOf).filter((kind) => kind !== 'processing'));
  return (
    kinds.size > 0 &&
    opened.recipients.every((recipient) => [...kinds].every((kind) => answers.has(`${kind} ${recipient}`)))
  );
}

function kindOf(type: string): string {
  return type.endsWith('-delivery') ? 'delivery' : type;
}

/**
 * When what is pending goes out: at once when all have answered, or when it fills a summary; else a minute after the message
 * was sent, and later a minute after the first of those that came late. Undefined: nothing is pending.
 */
export function dueAt(receipt: Receipt): number | undefined {
  const [first] = receipt.pending;
  if (first === undefined) return undefined;
  if (isComplete(receipt) || batchOf(receipt).length < receipt.pending.length) return first.cameAt;
  const { openedAt } = receipt.opened;
  const isLate = receipt.isBegun || first.cameAt > openedAt + patience;
  return (isLate ? first.cameAt : openedAt) + patience;
}

/** As many pending notifications, oldest first, as one summary holds; one at least. */
export function batchOf({ opened, pending }: Receipt): readonly Notice[] {
  let octets = frame;
  const end = pending.findIndex(({ payload }, i) => (octets += payload.length + perPart) > opened.maxSize && i > 0);
  return end === -1 ? pending : pending.slice(0, end);
}
