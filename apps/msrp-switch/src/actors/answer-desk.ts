import type { ByteRange, ContinuationFlag, MsrpResponse } from '@parley/msrp';
import { allowsFailureReport } from '@parley/msrp';
import type { Cancel } from '@parley/prelude';
import type { Session } from '../hub/session.ts';
import type { IncomingMessage } from '../message/incoming-message.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import { failureReport } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/** Is told the transaction identifiers of a chunk's copies. */
export type NoteTransaction = (transactionId: string) => void;

/** A chunk of a private message, until somebody took it or nobody did. */
interface Delivery {
  readonly chunk: IncomingChunk;
  readonly byteRange: ByteRange;
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
  private readonly messages = new Map<string, IncomingMessage>();
  /** By transaction identifier, oldest first. */
  private readonly deliveries = new Map<string, Delivery>();

  constructor(around: Surroundings) {
    this.around = around;
  }

  /** What is to be told the transactions of a chunk; undefined when no answer to them would change anything. */
  noteFor(chunk: IncomingChunk, byteRange: ByteRange, flag: ContinuationFlag): NoteTransaction | undefined {
    const { message, request } = chunk;
    if (message.stage.kind !== 'forwarding' || !allowsFailureReport(request)) return undefined;
    const delivery =
      message.stage.isPrivate && this.around.dialect === 'draft-03' && message.stage.recipients.length > 0
        ? this.delivery(chunk, byteRange, message.stage.recipients)
        : undefined;
    if (delivery === undefined && flag !== '+') return undefined;
    return (transactionId) => {
      if (flag === '+') this.remember(transactionId, message);
      if (delivery !== undefined) this.await(transactionId, delivery);
    };
  }

  take(recipient: Session, { transactionId, code }: MsrpResponse): void {
    const message = this.messages.get(transactionId);
    if (message !== undefined && code !== 200) excuse(message, recipient);
    const delivery = this.deliveries.get(transactionId);
    if (delivery?.waiting.delete(recipient) !== true) return;
    if (code !== 200 && delivery.waiting.size > 0) return;
    this.settle(delivery);
    if (code !== 200) this.report(delivery, code);
  }

  /** No more is to come of a message. */
  forget({ transactionIds }: IncomingMessage): void {
    for (const transactionId of transactionIds) this.messages.delete(transactionId);
  }

  private remember(transactionId: string, message: IncomingMessage): void {
    this.messages.set(transactionId, message);
    message.transactionIds.push(transactionId);
    if (message.transactionIds.length <= transactionsKept) return;
    const oldest = message.transactionIds.shift();
    if (oldest !== undefined) this.messages.delete(oldest);
  }

  private delivery(chunk: IncomingChunk, byteRange: ByteRange, recipients: readonly Session[]): Delivery {
    const { limits, clock } = this.around;
    const delivery: Delivery = {
      ...{ chunk, byteRange, transactionIds: [], waiting: new Set(recipients) },
      cancel: clock.after(limits.answerTime, () => {
        this.settle(delivery);
        // With "partial" no answer is no bad news.
        if (chunk.request.failureReport !== 'partial') this.report(delivery, 408);
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

  private report({ chunk: { request, session }, byteRange }: Delivery, code: number): void {
    const { outlet } = session;
    if (outlet?.isOpen === true) outlet.send(failureReport(request, code, byteRange, this.around.random));
  }
}

/** Sends a recipient no more of a message. */
function excuse(message: IncomingMessage, recipient: Session): void {
  const { stage } = message;
  if (stage.kind !== 'forwarding' || !stage.recipients.includes(recipient)) return;
  message.stage = { ...stage, recipients: stage.recipients.filter((other) => other !== recipient) };
}
