import type { ByteRange, ContinuationFlag, MsrpResponse } from '@parley/msrp';
import { allowsFailureReport } from '@parley/msrp';
import type { Cancel } from '@parley/prelude';
import type { Session } from '../hub/session.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import { failureReport } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/** Is told the transaction identifiers of a chunk's copies. */
export type NoteTransaction = (transactionId: string) => void;

/** A message whose recipients may refuse what is sent of it. */
export interface AnsweredMessage {
  /** The latest transactions of its copies, while more is to come. */
  readonly transactionIds: string[];
  readonly recipients: readonly Session[];
  /** Sends a recipient no more of it. */
  excuse(recipient: Session): void;
}

/** How the sender of a private message is told of a chunk that nobody took. */
export interface Undelivered {
  /** Whether no answer at all is bad news too. */
  readonly isTimed: boolean;
  tell(code: number): void;
}

/** A chunk of a private message, until somebody took it or nobody did. */
interface Delivery {
  readonly undelivered: Undelivered;
  readonly transactionIds: string[];
  /** Recipients who have not refused it. */
  readonly waiting: Set<Session>;
  readonly cancel: Cancel;
}

/** Transactions of one message whose refusal is understood; who refuses is asked again with every further chunk. */
const transactionsKept = 64;

/**
 * Hears what recipients answer to copies. Who refuses a chunk is sent no more of its message; the sender of a private
 * message in draft-03 is told by a REPORT when all of its recipients refused it, or none answered in time.
 *
 * @spec RFC 4975 §7.1.1 (30 seconds), §7.1.4 (REPORT behind a 200), §10.5 (413: no further chunks)
 */
export class AnswerDesk {
  private readonly around: Surroundings;
  /** Messages that go on, by transaction identifier. */
  private readonly messages = new Map<string, AnsweredMessage>();
  /** By transaction identifier, oldest first. */
  private readonly deliveries = new Map<string, Delivery>();

  constructor(around: Surroundings) {
    this.around = around;
  }

  /** What is to be told the transactions of a chunk said here; undefined when no answer to them would change anything. */
  noteFor(chunk: IncomingChunk, byteRange: ByteRange, flag: ContinuationFlag): NoteTransaction | undefined {
    const { message, request, session } = chunk;
    if (message.stage.kind !== 'forwarding' || !allowsFailureReport(request)) return undefined;
    const isReported = message.stage.isPrivate && this.around.dialect === 'draft-03';
    const undelivered = {
      // With "partial" no answer is no bad news.
      isTimed: request.failureReport !== 'partial',
      tell: (code: number): void => {
        const { outlet } = session;
        if (outlet?.isOpen === true) outlet.send(failureReport(request, code, byteRange, this.around.random));
      },
    };
    return this.note(message, flag, isReported ? undelivered : undefined);
  }

  /** {@link noteFor} a message of anybody. */
  note(
    message: AnsweredMessage,
    flag: ContinuationFlag,
    undelivered: Undelivered | undefined,
  ): NoteTransaction | undefined {
    const { recipients } = message;
    const delivery =
      undelivered === undefined || recipients.length === 0 ? undefined : this.delivery(undelivered, recipients);
    if (delivery === undefined && flag !== '+') return undefined;
    return (transactionId) => {
      if (flag === '+') this.remember(transactionId, message);
      if (delivery !== undefined) this.await(transactionId, delivery);
    };
  }

  take(recipient: Session, { transactionId, code }: MsrpResponse): void {
    const message = this.messages.get(transactionId);
    if (code !== 200) message?.excuse(recipient);
    const delivery = this.deliveries.get(transactionId);
    if (delivery?.waiting.delete(recipient) !== true) return;
    if (code !== 200 && delivery.waiting.size > 0) return;
    this.settle(delivery);
    if (code !== 200) delivery.undelivered.tell(code);
  }

  /** No more is to come of a message. */
  forget({ transactionIds }: AnsweredMessage): void {
    for (const transactionId of transactionIds) this.messages.delete(transactionId);
  }

  private remember(transactionId: string, message: AnsweredMessage): void {
    this.messages.set(transactionId, message);
    message.transactionIds.push(transactionId);
    if (message.transactionIds.length <= transactionsKept) return;
    const oldest = message.transactionIds.shift();
    if (oldest !== undefined) this.messages.delete(oldest);
  }

  private delivery(undelivered: Undelivered, recipients: readonly Session[]): Delivery {
    const { limits, clock } = this.around;
    const delivery: Delivery = {
      ...{ undelivered, transactionIds: [], waiting: new Set(recipients) },
      cancel: clock.after(limits.answerTime, () => {
        this.settle(delivery);
        if (undelivered.isTimed) undelivered.tell(408);
      }),
    };
    return delivery;
  }

  private await(transactionId: string, delivery: Delivery): void {
    delivery.transactionIds.push(transactionId);
    this.deliveries.set(transactionId, delivery);
    const [oldest] = this.deliveries.values();
    if (this.deliveries.size > this.around.limits.awaitedAnswers && oldest !== undefined) this.settle(oldest);
  }

  private settle({ transactionIds, cancel }: Delivery): void {
    cancel();
    for (const transactionId of transactionIds) this.deliveries.delete(transactionId);
  }
}
