import type { ContinuationFlag, MsrpRequestHead, MsrpResponse } from '@parley/msrp';
import {
  interruptibleAbove,
  isAnswered,
  isComplete,
  receiveChunk,
  responseTo,
  serialiseResponse,
  wantsSuccessReport,
} from '@parley/msrp';
import type { Outlet } from '../hub/outlet.ts';
import type { Session } from '../hub/session.ts';
import { GatheringBudget } from '../message/gathering-budget.ts';
import { IncomingMessage } from '../message/incoming-message.ts';
import type { AnswerDesk } from './answer-desk.ts';
import { CopyDesk } from './copy-desk.ts';
import type { Couriers } from './couriers.ts';
import { GatheringDesk } from './gathering-desk.ts';
import { HeadingDesk } from './heading-desk.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import type { MessageErrands } from './message-errands.ts';
import { OpenMessages } from './open-messages.ts';
import { refuseChunk } from './refuse-chunk.ts';
import { successReport } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Passes messages on while they come: each chunk, or what of it came in one turn, goes to every recipient at once.
 *
 * @spec draft-ietf-simple-chat-03 §6; RFC 7701 §6
 */
export class MessageDesk {
  private readonly around: Surroundings;
  private readonly open: OpenMessages;
  private readonly heading: HeadingDesk;
  private readonly gathering: GatheringDesk;
  private readonly copies: CopyDesk;
  private readonly answers: AnswerDesk;
  private readonly said: MessageErrands['said'];

  constructor(around: Surroundings, couriers: Couriers, errands: MessageErrands) {
    const { distributor, answers } = couriers;
    const { said } = errands;
    const gathered = new GatheringBudget(around.limits);
    const copies = new CopyDesk(around, couriers);
    const open = new OpenMessages(around, couriers, copies, gathered);
    this.around = around;
    this.open = open;
    this.gathering = new GatheringDesk(around, { open, copies, errands, gathered });
    this.heading = new HeadingDesk(around, { open, gathering: this.gathering, distributor, copies, said });
    this.copies = copies;
    this.answers = answers;
    this.said = said;
  }

  /** The first octets of a chunk are to come; its request has been checked. */
  begin(outlet: Outlet, session: Session, request: MsrpRequestHead): IncomingChunk {
    const start = request.byteRange?.start ?? 1;
    const found = this.open.find(session, request.messageId ?? '');
    const message = found ?? new IncomingMessage('', session);
    const stretch = message.stretchAt(start);
    const chunk = { request, outlet, session, message, start, stretch, received: 0, refusedWith: undefined };
    message.timer?.();
    message.total = request.byteRange?.total ?? '*';
    if (found === undefined) refuseChunk(chunk, 413, this.around);
    else if (message.stage.kind === 'refused') refuseChunk(chunk, message.stage.code, this.around);
    else if (message.pieces > spans) this.open.refuse(chunk, 413);
    return chunk;
  }

  body(chunk: IncomingChunk, bytes: Uint8Array): void {
    if (!this.isWanted(chunk)) return;
    const { message, session } = chunk;
    const before = chunk.start - 1 + chunk.received;
    chunk.received += bytes.length;
    if (before + bytes.length > session.hub.policy.maxSize) this.open.refuse(chunk, 413);
    else if (message.stage.kind === 'heading') this.heading.hold(chunk, bytes);
    else if (message.stage.kind === 'gathering') this.gathering.hold(chunk, bytes, message.stage.limit);
    else if (message.stage.kind === 'forwarding') {
      const known = Math.min(bytes.length, Math.max(0, message.stage.verified - before));
      chunk.stretch.skip(known);
      if (known < bytes.length) chunk.stretch.hold(known === 0 ? bytes : bytes.subarray(known));
    }
  }

  /** Nothing more came in this turn: what is here goes on, unless the rest of a small chunk is sure to follow. */
  pause(chunk: IncomingChunk): void {
    const { message, request, stretch } = chunk;
    if (chunk.refusedWith !== undefined || message.stage.kind !== 'forwarding' || stretch.octets === 0) return;
    if (isSmall(request.byteRange?.end ?? stretch.end + 1, stretch.start)) return;
    this.copies.forward(chunk, stretch, '+');
  }

  end(chunk: IncomingChunk, flag: ContinuationFlag): void {
    const { message, session } = chunk;
    const isWhole = this.isWanted(chunk) && this.complete(chunk, flag);
    if (isWhole && message.stage.kind === 'gathering') {
      this.gathering.carryOut(chunk, message.stage.head);
      return;
    }
    if (isWhole || flag === '#' || (flag === '$' && message.stage.kind === 'refused'))
      this.open.forget(session, message);
    else this.open.awaitNext(chunk);
    if (chunk.refusedWith === undefined) this.acknowledge(chunk, isWhole);
  }

  /** The chunk broke off: the sender's connection died, or what it sent cannot be read. */
  abort(chunk: IncomingChunk): void {
    this.open.giveUp(chunk.session, chunk.message);
  }

  /** A session ends: what it had begun to say is broken off for those who heard the beginning. */
  abandon(session: Session): void {
    for (const message of [...session.messages.values()]) this.open.giveUp(session, message);
  }

  /** A recipient answered to a copy. */
  answered(recipient: Session, response: MsrpResponse): void {
    this.answers.take(recipient, response);
  }

  /** False for a chunk that was refused, or whose session ended meanwhile. */
  private isWanted(chunk: IncomingChunk): boolean {
    if (chunk.refusedWith === undefined && chunk.session.life === 'ended') refuseChunk(chunk, 481, this.around);
    return chunk.refusedWith === undefined;
  }

  /** Takes the end of a chunk; returns whether all octets of its message have come. */
  private complete(chunk: IncomingChunk, flag: ContinuationFlag): boolean {
    const { message } = chunk;
    const isWhole = this.noteArrival(chunk, flag);
    if (chunk.refusedWith !== undefined) return false;
    chunk.stretch.flag = flag;
    if (message.stage.kind === 'heading' && isWhole && !this.heading.decide(chunk, true)) this.open.refuse(chunk, 400);
    this.copies.forward(chunk, chunk.stretch, flag);
    return isWhole;
  }

  /** @spec RFC 4975 §7.3.1 (a chunk from 1 with "$" is the message; others are put together in any order) */
  private noteArrival(chunk: IncomingChunk, flag: ContinuationFlag): boolean {
    const { message, start, received, session } = chunk;
    if (flag === '#') return false;
    if (start === 1 && flag === '$') return true;
    const arrival = { start, length: received, total: message.total, flag };
    const limits = { messageBytes: session.hub.policy.maxSize, spans };
    const arrived = receiveChunk(message.arrived, arrival, limits);
    if (arrived.ok) message.arrived = arrived.value;
    else this.open.refuse(chunk, arrived.error.status);
    // Though the total says that nothing is missing, what ended with "+" goes on.
    message.hasEnded ||= flag === '$';
    return message.hasEnded && arrived.ok && isComplete(arrived.value);
  }

  private acknowledge(chunk: IncomingChunk, isWhole: boolean): void {
    const { request, outlet, message } = chunk;
    if (isAnswered(request, 200)) outlet.send(serialiseResponse(responseTo(request, 200)));
    if (isWhole && message.stage.kind === 'forwarding') this.said.whole(message);
    if (!isWhole || !wantsSuccessReport(request) || message.stage.kind !== 'forwarding') return;
    // In draft-03 the recipient of a private message reports for itself.
    const isRelayed = message.stage.isPrivate && this.around.dialect === 'draft-03';
    if (!isRelayed) outlet.send(successReport(chunk, this.around));
  }
}

/** Holes in a message plus one; chunks come in order unless relays change it. @spec RFC 4975 §7.1.1 */
const spans = 64;

/** Whether the octets up to `end` are sent as one chunk: splitting them would gain nothing. @spec RFC 4975 §7.1.1 */
function isSmall(end: number | '*', start: number): boolean {
  return end !== '*' && end - start < interruptibleAbove;
}
