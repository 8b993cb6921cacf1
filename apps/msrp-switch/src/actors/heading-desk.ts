import { allowsFailureReport } from '@parley/msrp';
import type { Member } from '../hub/hub.ts';
import type { MessageHead } from '../message/message-head.ts';
import { readMessageHead } from '../message/message-head.ts';
import type { Route } from '../message/route.ts';
import { routeMessage } from '../message/route.ts';
import type { CopyDesk } from './copy-desk.ts';
import type { Distributor } from './distributor.ts';
import type { GatheringDesk } from './gathering-desk.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import type { MessageErrands } from './message-errands.ts';
import { isErrand } from './message-errands.ts';
import type { OpenMessages } from './open-messages.ts';
import { refusalReport } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/** Who takes a message once its head has been read. */
export interface HeadingParts {
  readonly open: Pick<OpenMessages, 'refuse'>;
  readonly gathering: Pick<GatheringDesk, 'begin'>;
  readonly distributor: Pick<Distributor, 'audienceOf'>;
  readonly copies: Pick<CopyDesk, 'forward'>;
  readonly said: Pick<MessageErrands['said'], 'begun'>;
}

/** Holds messages back until their heads have come, and decides by them whom they go to. */
export class HeadingDesk {
  private readonly around: Surroundings;
  private readonly parts: HeadingParts;

  constructor(around: Surroundings, parts: HeadingParts) {
    this.around = around;
    this.parts = parts;
  }

  /** Keeps what came until it is known whom it is for: the front of the message may come last. */
  hold(chunk: IncomingChunk, bytes: Uint8Array): void {
    const { open } = this.parts;
    const { message, stretch } = chunk;
    stretch.hold(bytes);
    const { cpimHeadBytes, heldBytes } = this.around.limits;
    // In what comes from the first octet on, the head ends or is too long before that would count.
    if (message.held - (stretch.start === 1 ? stretch.octets : 0) > heldBytes) open.refuse(chunk, 413);
    else if (bytes.includes(lineFeed)) this.decide(chunk, false);
    else if (stretch.start === 1 && stretch.octets > cpimHeadBytes) open.refuse(chunk, 400);
  }

  /**
   * Decides as soon as enough is here.
   *
   * @param isAll - whether no more will come than is here
   * @returns whether enough is here to decide
   */
  decide(chunk: IncomingChunk, isAll: boolean): boolean {
    const { codec, dialect, limits } = this.around;
    const front = chunk.message.front();
    if (front === undefined) return false;
    const scan = readMessageHead(front, limits.cpimHeadBytes, codec);
    if (!scan.ok) this.parts.open.refuse(chunk, 400);
    else if (!scan.value.complete) return false;
    else {
      const { value: head } = scan.value;
      if (!head.isEnded && !isAll && front.length <= limits.cpimHeadBytes) return false;
      this.take(chunk, head, routeMessage(head, chunk.session, chunk.session.hub, dialect));
    }
    return true;
  }

  private take(chunk: IncomingChunk, head: MessageHead, route: Route<Member>): void {
    const { open, gathering, distributor, said } = this.parts;
    const { session, message, request } = chunk;
    if (isErrand(head, route, session)) gathering.begin(chunk, head);
    else if (route.kind === 'refused') open.refuse(chunk, route.code);
    else if (route.kind === 'reported') {
      this.around.events.messageBegun(session, 'reported');
      message.stage = { kind: 'swallowed' };
      message.drop();
      if (allowsFailureReport(request)) chunk.outlet.send(refusalReport(chunk, head, route.code, this.around));
    } else {
      const isPrivate = route.kind === 'private';
      const audience = distributor.audienceOf(chunk, route, head.wrappedType);
      message.stage = { kind: 'forwarding', ...audience, isPrivate, verified: head.octets };
      said.begun(chunk, head, route);
      this.around.events.messageBegun(session, route.kind);
      this.release(chunk);
    }
  }

  /** What was held back goes on, except what the chunk at hand goes on with. */
  private release(chunk: IncomingChunk): void {
    const { stretches, current } = chunk.message.settle(chunk.stretch);
    chunk.stretch = current;
    for (const stretch of stretches) if (stretch !== current) this.parts.copies.forward(chunk, stretch, stretch.flag);
  }
}

const lineFeed = 10;
