import type { ContinuationFlag } from '@parley/msrp';
import { createMessageId, interruptibleAbove } from '@parley/msrp';
import { copyHead } from '../message/copy-head.ts';
import type { IncomingMessage } from '../message/incoming-message.ts';
import type { Stretch } from '../message/stretch.ts';
import type { AnswerDesk } from './answer-desk.ts';
import type { Couriers } from './couriers.ts';
import type { Distributor } from './distributor.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import type { Pacer } from './pacer.ts';
import { expectReports } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/** Makes the copies of what comes, and names them. @spec draft-ietf-simple-chat-03 §6; RFC 4975 §7.1.1 */
export class CopyDesk {
  private readonly around: Surroundings;
  private readonly pacer: Pacer;
  private readonly distributor: Distributor;
  private readonly answers: AnswerDesk;
  /** Messages of which some recipient has a part only, by the Message-ID of their copies. */
  private readonly begun = new Map<string, IncomingMessage>();

  constructor(around: Surroundings, { distributor, pacer, answers }: Couriers) {
    this.around = around;
    this.pacer = pacer;
    this.distributor = distributor;
    this.answers = answers;
  }

  /** What came of a message goes to all its recipients. */
  forward(chunk: IncomingChunk, stretch: Stretch, flag: ContinuationFlag): void {
    const { message, request, outlet } = chunk;
    if (message.stage.kind !== 'forwarding') return;
    const { recipients, isPrivate } = message.stage;
    const { start, octets } = stretch;
    const body = stretch.release();
    const reached = stretch.start - 1;
    message.forwarded = Math.max(message.forwarded, reached);
    const end = octets > interruptibleAbove ? '*' : reached;
    const total = message.total === '*' && flag === '$' ? reached : message.total;
    const keepsReports = isPrivate && this.around.dialect === 'draft-03';
    const messageId = this.copyId(message, flag);
    if (keepsReports && start === 1) expectReports(recipients, chunk, messageId, this.around);
    const note = this.answers.noteFor(chunk, { start, end: reached, total }, flag);
    const head = copyHead(request, { messageId, byteRange: { start, end, total }, keepsReports });
    const mustWait = this.distributor.send({ head, body, flag, reached, note, source: message.source }, message.stage);
    if (mustWait) this.pacer.hold(outlet, message.stage);
  }

  /**
   * Message-ID of the copies: the sender's, unless the recipients have a part of another's message by that name, to which
   * they would add what comes now.
   *
   * @spec RFC 4975 §7.1.1 (one Message-ID, one message)
   */
  copyId(message: IncomingMessage, flag: ContinuationFlag): string {
    message.copyId ??= this.begun.has(message.id) ? createMessageId(this.around.random) : message.id;
    if (flag === '+') this.begun.set(message.copyId, message);
    return message.copyId;
  }

  /** No more of it comes. */
  forget(message: IncomingMessage): void {
    if (message.copyId !== undefined && this.begun.get(message.copyId) === message) this.begun.delete(message.copyId);
  }
}
