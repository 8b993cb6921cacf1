import type { ContinuationFlag, MsrpRequestHead, MsrpResponse } from '@parley/msrp';
import {
  allowsFailureReport,
  interruptibleAbove,
  isAnswered,
  isComplete,
  receiveChunk,
  responseTo,
  serialiseResponse,
  wantsSuccessReport,
} from '@parley/msrp';
import type { Outlet } from '../hub/outlet.ts';
import type { Member } from '../hub/hub.ts';
import type { Session } from '../hub/session.ts';
import { GatheringBudget } from '../message/gathering-budget.ts';
import { IncomingMessage } from '../message/incoming-message.ts';
import type { MessageHead } from '../message/message-head.ts';
import { readMessageHead } from '../message/message-head.ts';
import type { Route } from '../message/route.ts';
import { routeMessage } from '../message/route.ts';
import type { AnswerDesk } from './answer-desk.ts';
import { CopyDesk } from './copy-desk.ts';
import type { Couriers } from './couriers.ts';
import type { Distributor } from './distributor.ts';
import { ErrandDesk } from './errand-desk.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import type { MessageErrands } from './message-errands.ts';
import { isErrand } from './message-errands.ts';
import { refuseChunk } from './refuse-chunk.ts';
import { refusalReport, successReport } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Passes messages on while they come: each chunk, or what of it came in one turn, goes to every recipient at once.
 *
 * @spec draft-ietf-simple-chat-03 §6; RFC 7701 §6
 */
export class MessageDesk {
  private readonly around: Surroundings;
  private readonly copies: CopyDesk;
  private readonly distributor: Distributor;
  private readonly answers: AnswerDesk;
  private readonly errands: ErrandDesk;
  private readonly said: MessageErrands['said'];
  private readonly gathered: GatheringBudget;

  constructor(around: Surroundings, couriers: Couriers, errands: MessageErrands) {
    const { distributor, answers } = couriers;
    this.around = around;
    this.errands = new ErrandDesk(around, errands);
    this.said = errands.said;
    this.copies = new CopyDesk(around, couriers);
    this.distributor = distributor;
    this.answers = answers;
    this.gathered = new GatheringBudget(around.limits);
  }

  /** The first octets of a chunk are to come; its request has been checked. */
  begin(outlet: Outlet, session: Session, request: MsrpRequestHead): IncomingChunk {
    const start = request.byteRange?.start ?? 1;
    const found = this.messageOf(session, request.messageId ?? '');
    const message = found ?? new IncomingMessage('', session);
    const stretch = message.stretchAt(start);
    const chunk = { request, outlet, session, message, start, stretch, received: 0, refusedWith: undefined };
    message.timer?.();
    message.total = request.byteRange?.total ?? '*';
    if (found === undefined) this.answer(chunk, 413);
    else if (message.stage.kind === 'refused') this.answer(chunk, message.stage.code);
    else if (message.pieces > spans) this.refuse(chunk, 413);
    return chunk;
  }

  body(chunk: IncomingChunk, bytes: Uint8Array): void {
    if (!this.isWanted(chunk)) return;
    const { message, session } = chunk;
    const before = chunk.start - 1 + chunk.received;
    chunk.received += bytes.length;
    if (before + bytes.length > session.hub.policy.maxSize) this.refuse(chunk, 413);
    else if (message.stage.kind === 'heading') this.holdBack(chunk, bytes);
    else if (message.stage.kind === 'gathering') this.gatherMore(chunk, bytes, message.stage.limit);
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
      this.carryOut(chunk, message.stage.head);
      return;
    }
    if (isWhole || flag === '#' || (flag === '$' && message.stage.kind === 'refused')) this.forget(session, message);
    else this.awaitNext(chunk);
    if (chunk.refusedWith === undefined) this.acknowledge(chunk, isWhole);
  }

  /** The chunk broke off: the sender's connection died, or what it sent cannot be read. */
  abort(chunk: IncomingChunk): void {
    this.giveUp(chunk.session, chunk.message);
  }

  /** A session ends: what it had begun to say is broken off for those who heard the beginning. */
  abandon(session: Session): void {
    for (const message of [...session.messages.values()]) this.giveUp(session, message);
  }

  /** A recipient answered to a copy. */
  answered(recipient: Session, response: MsrpResponse): void {
    this.answers.take(recipient, response);
  }

  /** False for a chunk that was refused, or whose session ended meanwhile. */
  private isWanted(chunk: IncomingChunk): boolean {
    if (chunk.refusedWith === undefined && chunk.session.life === 'ended') this.answer(chunk, 481);
    return chunk.refusedWith === undefined;
  }

  /** The message that a chunk belongs to; undefined when the session has begun too many. */
  private messageOf(session: Session, id: string): IncomingMessage | undefined {
    const known = session.messages.get(id);
    if (known !== undefined) return known;
    if (session.messages.size >= this.around.limits.openMessages) return undefined;
    const message = new IncomingMessage(id, session);
    session.messages.set(id, message);
    return message;
  }

  /** Keeps what came until it is known whom it is for: the front of the message may come last. */
  private holdBack(chunk: IncomingChunk, bytes: Uint8Array): void {
    const { message, stretch } = chunk;
    stretch.hold(bytes);
    const { cpimHeadBytes, heldBytes } = this.around.limits;
    // In what comes from the first octet on, the head ends or is too long before that would count.
    if (message.held - (stretch.start === 1 ? stretch.octets : 0) > heldBytes) this.refuse(chunk, 413);
    else if (bytes.includes(lineFeed)) this.tryRoute(chunk, false);
    else if (stretch.start === 1 && stretch.octets > cpimHeadBytes) this.refuse(chunk, 400);
  }

  /**
   * @param isAll - whether no more will come than is here
   * @returns whether enough is here to decide
   */
  private tryRoute(chunk: IncomingChunk, isAll: boolean): boolean {
    const { codec, dialect, limits } = this.around;
    const front = chunk.message.front();
    if (front === undefined) return false;
    const scan = readMessageHead(front, limits.cpimHeadBytes, codec);
    if (!scan.ok) this.refuse(chunk, 400);
    else if (!scan.value.complete) return false;
    else {
      const { value: head } = scan.value;
      if (!head.isEnded && !isAll && front.length <= limits.cpimHeadBytes) return false;
      this.take(chunk, head, routeMessage(head, chunk.session, chunk.session.hub, dialect));
    }
    return true;
  }

  private take(chunk: IncomingChunk, head: MessageHead, route: Route<Member>): void {
    const { session, message, request } = chunk;
    if (isErrand(head, route, session)) this.gather(chunk, head);
    else if (route.kind === 'refused') this.refuse(chunk, route.code);
    else if (route.kind === 'reported') {
      this.around.events.messageBegun(session, 'reported');
      message.stage = { kind: 'swallowed' };
      message.drop();
      if (allowsFailureReport(request)) chunk.outlet.send(refusalReport(chunk, head, route.code, this.around));
    } else {
      const isPrivate = route.kind === 'private';
      const audience = this.distributor.audienceOf(chunk, route, head.wrappedType);
      message.stage = { kind: 'forwarding', ...audience, isPrivate, verified: head.octets };
      this.said.begun(chunk, head, route);
      this.around.events.messageBegun(session, route.kind);
      this.release(chunk);
    }
  }

  /** What is read whole goes nowhere before that. */
  private gather(chunk: IncomingChunk, head: MessageHead): void {
    const { message } = chunk;
    const limit = this.errands.limitFor(head);
    message.stage = { kind: 'gathering', head, limit };
    const { held, total } = message;
    const fits = held <= limit && (total === '*' || total <= limit);
    if (!fits || !this.gathered.hold(message, held)) this.refuse(chunk, 413);
  }

  private gatherMore(chunk: IncomingChunk, bytes: Uint8Array, limit: number): void {
    chunk.stretch.hold(bytes);
    const isWithin = this.gathered.hold(chunk.message, bytes.length);
    if (!isWithin || chunk.message.held > limit) this.refuse(chunk, 413);
  }

  private carryOut(chunk: IncomingChunk, head: MessageHead): void {
    const { session, message } = chunk;
    const octets = message.front() ?? new Uint8Array();
    const copyId = this.copies.copyId(message, '$');
    this.forget(session, message);
    message.drop();
    message.stage = { kind: 'swallowed' };
    this.errands.carryOut(chunk, head.kind.kind, octets, copyId);
  }

  /** What was held back goes on, except what the chunk at hand goes on with. */
  private release(chunk: IncomingChunk): void {
    const { stretches, current } = chunk.message.settle(chunk.stretch);
    chunk.stretch = current;
    for (const stretch of stretches) if (stretch !== current) this.copies.forward(chunk, stretch, stretch.flag);
  }

  /** Takes the end of a chunk; returns whether all octets of its message have come. */
  private complete(chunk: IncomingChunk, flag: ContinuationFlag): boolean {
    const { message } = chunk;
    const isWhole = this.noteArrival(chunk, flag);
    if (chunk.refusedWith !== undefined) return false;
    chunk.stretch.flag = flag;
    if (message.stage.kind === 'heading' && isWhole && !this.tryRoute(chunk, true)) this.refuse(chunk, 400);
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
    else this.refuse(chunk, arrived.error.status);
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

  private refuse(chunk: IncomingChunk, code: number): void {
    const { session, message } = chunk;
    this.distributor.breakOff(message);
    message.stage = { kind: 'refused', code };
    this.drop(message);
    this.around.events.messageBegun(session, 'refused');
    this.answer(chunk, code);
  }

  private answer(chunk: IncomingChunk, code: number): void {
    refuseChunk(chunk, code, this.around);
  }

  /** @spec RFC 7701 §6.1 (chunk reception timer) */
  private awaitNext({ session, message }: IncomingChunk): void {
    if (session.messages.get(message.id) !== message) return;
    const { clock, limits } = this.around;
    message.timer = clock.after(limits.chunkTime, () => {
      this.distributor.breakOff(message);
      this.drop(message);
      // For as long again it is known why what comes late is not taken.
      message.stage = { kind: 'refused', code: 413 };
      message.timer = clock.after(limits.chunkTime, () => {
        this.forget(session, message);
      });
    });
  }

  private giveUp(session: Session, message: IncomingMessage): void {
    this.distributor.breakOff(message);
    this.forget(session, message);
  }

  private drop(message: IncomingMessage): void {
    message.drop();
    this.gathered.release(message);
  }

  private forget(session: Session, message: IncomingMessage): void {
    message.timer?.();
    this.gathered.release(message);
    if (session.messages.get(message.id) === message) session.messages.delete(message.id);
    this.answers.forget(message);
    this.copies.forget(message);
  }
}

const lineFeed = 10;

/** Holes in a message plus one; chunks come in order unless relays change it. @spec RFC 4975 §7.1.1 */
const spans = 64;

/** Whether the octets up to `end` are sent as one chunk: splitting them would gain nothing. @spec RFC 4975 §7.1.1 */
function isSmall(end: number | '*', start: number): boolean {
  return end !== '*' && end - start < interruptibleAbove;
}
