import { allowsFailureReport, isAnswered, responseTo, serialiseResponse, wantsSuccessReport } from '@parley/msrp';
import type { MessageHead } from '../message/message-head.ts';
import { readMessageHead } from '../message/message-head.ts';
import type { MessageKind } from '../message/message-kind.ts';
import { routeMessage } from '../message/route.ts';
import type { ErrandResult, Whole } from './errand.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import type { MessageErrands } from './message-errands.ts';
import { errandFor, isErrand } from './message-errands.ts';
import { refuseChunk } from './refuse-chunk.ts';
import { successReport } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/** Has what was read whole dealt with, and answers its last chunk with what came of it. */
export class ErrandDesk {
  private readonly around: Surroundings;
  private readonly errands: MessageErrands;

  constructor(around: Surroundings, errands: MessageErrands) {
    this.around = around;
    this.errands = errands;
  }

  /** Octets that a message of this kind may have. */
  limitFor(head: MessageHead): number {
    return errandFor(this.errands, head).limit;
  }

  /**
   * Deals with a message. Later chunks may have written over its head: it is read again.
   *
   * @param kind - what its head said when it came
   * @param copyId - Message-ID of its copies
   * @spec RFC 4975 §7.3.1 (the last chunk received takes precedence)
   */
  carryOut(chunk: IncomingChunk, kind: MessageKind['kind'], octets: Uint8Array, copyId: string): void {
    const whole = this.read(chunk, octets, copyId);
    if (whole?.head.kind.kind !== kind) {
      refuseChunk(chunk, 403, this.around);
      return;
    }
    this.around.events.messageBegun(chunk.session, whole.route.kind === 'private' ? 'private' : 'room');
    const result = errandFor(this.errands, whole.head).carryOut(whole);
    if (result instanceof Promise) void this.await(chunk, result);
    else this.settle(chunk, result);
  }

  private read(chunk: IncomingChunk, octets: Uint8Array, copyId: string): Whole | undefined {
    const { codec, dialect, limits } = this.around;
    const { session } = chunk;
    const scan = readMessageHead(octets, limits.cpimHeadBytes, codec);
    if (!scan.ok || !scan.value.complete) return undefined;
    const head = scan.value.value;
    const route = routeMessage(head, session, session.hub, dialect);
    return isErrand(head, route, session) ? { chunk, head, route, octets, copyId } : undefined;
  }

  private async await(chunk: IncomingChunk, result: Promise<ErrandResult>): Promise<void> {
    try {
      this.settle(chunk, await result);
    } catch (error) {
      // A fault of ours: that message alone ends.
      this.around.events.errandFailed(chunk.session, error);
      this.settle(chunk, { code: 408 });
    }
  }

  private settle(chunk: IncomingChunk, { code, comment, isRelayed = false, report }: ErrandResult): void {
    const { request, outlet } = chunk;
    if (!outlet.isOpen) return;
    if (code !== 200) {
      refuseChunk(chunk, code, this.around, comment);
      return;
    }
    if (isAnswered(request, 200)) outlet.send(serialiseResponse(responseTo(request, 200)));
    if (report !== undefined && allowsFailureReport(request)) outlet.send(report);
    else if (wantsSuccessReport(request) && !isRelayed) outlet.send(successReport(chunk, this.around));
  }
}
