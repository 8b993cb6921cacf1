import type { ContinuationFlag, MsrpRequestHead } from '@parley/msrp';
import {
  allowsFailureReport,
  interruptibleAbove,
  isAnswered,
  responseTo,
  serialiseResponse,
  wantsSuccessReport,
} from '@parley/msrp';
import type { Outlet } from '../hub/outlet.ts';
import type { Session } from '../hub/session.ts';
import { copyHead } from '../message/copy-head.ts';
import { IncomingMessage } from '../message/incoming-message.ts';
import type { MessageHead } from '../message/message-head.ts';
import { readMessageHead } from '../message/message-head.ts';
import type { Route } from '../message/route.ts';
import { routeMessage } from '../message/route.ts';
import { Distributor } from './distributor.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import { areMostBehind, Pacer } from './pacer.ts';
import { expectReports, refusalReport, successReport } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Passes messages on while they come: each chunk, or what of it came in one turn, goes to every recipient at once.
 *
 * @spec draft-ietf-simple-chat-03 §6; RFC 7701 §6
 */
export class MessageDesk {
  private readonly around: Surroundings;
  private readonly pacer: Pacer;
  private readonly distributor: Distributor;

  constructor(around: Surroundings) {
    this.around = around;
    this.pacer = new Pacer(around);
    this.distributor = new Distributor(around);
  }

  /** The first octets of a chunk are to come; its request has been checked. */
  begin(outlet: Outlet, session: Session, request: MsrpRequestHead): IncomingChunk {
    const start = request.byteRange?.start ?? 1;
    const found = this.messageOf(session, request.messageId ?? '', start);
    const message = typeof found === 'number' ? new IncomingMessage('') : found;
    const chunk = { request, outlet, session, message, start, received: 0, refusedWith: undefined };
    message.timer?.();
    message.total = request.byteRange?.total ?? '*';
    if (typeof found === 'number') this.answer(chunk, found);
    else if (message.stage.kind === 'refused') this.answer(chunk, message.stage.code);
    else this.continueAt(chunk, start);
    return chunk;
  }

  body(chunk: IncomingChunk, bytes: Uint8Array): void {
    if (!this.isWanted(chunk)) return;
    const { message, session } = chunk;
    chunk.received += bytes.length;
    const reached = chunk.start - 1 + chunk.received;
    if (reached > session.hub.policy.maxSize) {
      this.refuse(chunk, 413);
      return;
    }
    if (message.stage.kind === 'swallowed') return;
    message.hold(bytes);
    if (message.stage.kind === 'heading') this.tryRoute(chunk, bytes);
  }

  /** Nothing more came in this turn: what is here goes on, unless the rest of a small chunk is sure to follow. */
  pause(chunk: IncomingChunk): void {
    const { message, request } = chunk;
    if (chunk.refusedWith !== undefined || message.stage.kind !== 'forwarding' || message.octets === 0) return;
    if (isSmall(request.byteRange?.end ?? message.next + message.octets, message.next)) return;
    this.forward(chunk, '+');
  }

  end(chunk: IncomingChunk, flag: ContinuationFlag): void {
    const { message } = chunk;
    if (this.isWanted(chunk)) this.complete(chunk, flag);
    if (flag === '+') this.awaitNext(chunk);
    else this.forget(chunk.session, message);
    if (chunk.refusedWith === undefined) this.acknowledge(chunk, flag);
  }

  /** The chunk broke off: the sender's connection died, or what it sent cannot be read. */
  abort(chunk: IncomingChunk): void {
    this.giveUp(chunk.session, chunk.message);
  }

  /** A session ends: what it had begun to say is broken off for those who heard the beginning. */
  abandon(session: Session): void {
    for (const message of [...session.messages.values()]) this.giveUp(session, message);
  }

  /** False for a chunk that was refused, or whose session ended meanwhile. */
  private isWanted(chunk: IncomingChunk): boolean {
    if (chunk.refusedWith === undefined && chunk.session.life === 'ended') this.answer(chunk, 481);
    return chunk.refusedWith === undefined;
  }

  /** The message that a chunk belongs to, or why it cannot be taken. */
  private messageOf(session: Session, id: string, start: number): IncomingMessage | number {
    const known = session.messages.get(id);
    if (known !== undefined && start !== 1) return known;
    // Its recipients are not known: it was given up, or never begun.
    if (start !== 1) return 413;
    if (known !== undefined) this.forget(session, known);
    if (session.messages.size >= this.around.limits.openMessages) return 413;
    const message = new IncomingMessage(id);
    session.messages.set(id, message);
    return message;
  }

  private continueAt(chunk: IncomingChunk, start: number): void {
    const { message } = chunk;
    if (message.stage.kind !== 'heading') message.next = start;
    else if (start !== message.next + message.octets) this.refuse(chunk, 400);
  }

  private tryRoute(chunk: IncomingChunk, bytes: Uint8Array): void {
    const { codec, dialect, limits } = this.around;
    if (!bytes.includes(lineFeed)) {
      if (chunk.message.octets > limits.cpimHeadBytes) this.refuse(chunk, 400);
      return;
    }
    const head = readMessageHead(chunk.message.gathered(), limits.cpimHeadBytes, codec);
    if (!head.ok) this.refuse(chunk, 400);
    else if (head.value.complete) {
      const { session } = chunk;
      this.take(chunk, head.value.value, routeMessage(head.value.value, session, session.hub, dialect));
    }
  }

  private take(chunk: IncomingChunk, head: MessageHead, route: Route<Session>): void {
    const { session, message, request } = chunk;
    if (route.kind === 'refused') this.refuse(chunk, route.code);
    else if (route.kind === 'reported') {
      this.around.events.messageBegun(session, 'reported');
      message.stage = { kind: 'swallowed' };
      message.drop();
      if (allowsFailureReport(request)) chunk.outlet.send(refusalReport(chunk, head, route.code, this.around));
    } else {
      const isPrivate = route.kind === 'private';
      const candidates = isPrivate ? route.to : session.hub.sessions.values();
      const recipients = this.distributor.recipientsOf(chunk, candidates, head.wrappedType);
      message.stage = { kind: 'forwarding', recipients, isPrivate };
      if (isPrivate) expectReports(recipients, chunk, this.around);
      this.around.events.messageBegun(session, route.kind);
    }
  }

  private complete(chunk: IncomingChunk, flag: ContinuationFlag): void {
    const { message } = chunk;
    if (message.stage.kind === 'heading') {
      if (flag === '$') this.refuse(chunk, 400);
    } else if (message.stage.kind === 'forwarding') this.forward(chunk, flag);
  }

  private forward({ message, request, outlet }: IncomingChunk, flag: ContinuationFlag): void {
    if (message.stage.kind !== 'forwarding') return;
    const { recipients, isPrivate } = message.stage;
    const start = message.next;
    const body = message.release();
    const end = message.next - 1;
    const total = message.total === '*' && flag === '$' ? end : message.total;
    const keepsReports = isPrivate && this.around.dialect === 'draft-03';
    const head = copyHead(request, { start, end, total }, keepsReports);
    const behind = this.distributor.send({ head, body, flag, reached: end }, recipients);
    if (areMostBehind(behind, recipients.length)) this.pacer.hold(outlet, recipients);
  }

  private acknowledge(chunk: IncomingChunk, flag: ContinuationFlag): void {
    const { request, outlet, message } = chunk;
    if (isAnswered(request, 200)) outlet.send(serialiseResponse(responseTo(request, 200)));
    if (flag !== '$' || !wantsSuccessReport(request) || message.stage.kind !== 'forwarding') return;
    // In draft-03 the recipient of a private message reports for itself.
    const isRelayed = message.stage.isPrivate && this.around.dialect === 'draft-03';
    if (!isRelayed) outlet.send(successReport(chunk, this.around));
  }

  private refuse(chunk: IncomingChunk, code: number): void {
    const { session, message } = chunk;
    this.distributor.breakOff(message);
    message.stage = { kind: 'refused', code };
    message.drop();
    this.around.events.messageBegun(session, 'refused');
    this.answer(chunk, code);
  }

  private answer(chunk: IncomingChunk, code: number): void {
    chunk.refusedWith = code;
    this.around.events.requestRefused('SEND', code);
    if (isAnswered(chunk.request, code)) chunk.outlet.send(serialiseResponse(responseTo(chunk.request, code)));
  }

  /** @spec RFC 7701 §6.1 (chunk reception timer) */
  private awaitNext({ session, message }: IncomingChunk): void {
    if (session.messages.get(message.id) !== message) return;
    message.timer = this.around.clock.after(this.around.limits.chunkTime, () => {
      this.giveUp(session, message);
    });
  }

  private giveUp(session: Session, message: IncomingMessage): void {
    this.distributor.breakOff(message);
    this.forget(session, message);
  }

  private forget(session: Session, message: IncomingMessage): void {
    message.timer?.();
    if (session.messages.get(message.id) === message) session.messages.delete(message.id);
  }
}

const lineFeed = 10;

/** Whether the octets up to `end` are sent as one chunk: splitting them would gain nothing. @spec RFC 4975 §7.1.1 */
function isSmall(end: number | '*', start: number): boolean {
  return end !== '*' && end - start < interruptibleAbove;
}
