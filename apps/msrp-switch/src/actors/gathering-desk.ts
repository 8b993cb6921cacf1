import type { GatheringBudget } from '../message/gathering-budget.ts';
import type { MessageHead } from '../message/message-head.ts';
import type { CopyDesk } from './copy-desk.ts';
import { ErrandDesk } from './errand-desk.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import type { MessageErrands } from './message-errands.ts';
import type { OpenMessages } from './open-messages.ts';
import type { Surroundings } from './surroundings.ts';

/** What messages are gathered with. */
export interface GatheringParts {
  readonly open: Pick<OpenMessages, 'refuse' | 'forget'>;
  readonly copies: Pick<CopyDesk, 'copyId'>;
  readonly errands: MessageErrands;
  readonly gathered: GatheringBudget;
}

/** Reads messages whole that are errands, and has them carried out then: before, nothing of them goes anywhere. */
export class GatheringDesk {
  private readonly parts: GatheringParts;
  private readonly errands: ErrandDesk;

  constructor(around: Surroundings, parts: GatheringParts) {
    this.parts = parts;
    this.errands = new ErrandDesk(around, parts.errands);
  }

  /** A message turns out to be one; what has come of it is held already. */
  begin(chunk: IncomingChunk, head: MessageHead): void {
    const { open, gathered } = this.parts;
    const { message } = chunk;
    const limit = this.errands.limitFor(head);
    message.stage = { kind: 'gathering', head, limit };
    const { held, total } = message;
    const fits = held <= limit && (total === '*' || total <= limit);
    if (!fits || !gathered.hold(message, held)) open.refuse(chunk, 413);
  }

  /** @param limit - octets that the message may have */
  hold(chunk: IncomingChunk, bytes: Uint8Array, limit: number): void {
    const { open, gathered } = this.parts;
    chunk.stretch.hold(bytes);
    const isWithin = gathered.hold(chunk.message, bytes.length);
    if (!isWithin || chunk.message.held > limit) open.refuse(chunk, 413);
  }

  /** All of it has come; the errand answers its last chunk. */
  carryOut(chunk: IncomingChunk, head: MessageHead): void {
    const { open, copies } = this.parts;
    const { session, message } = chunk;
    const octets = message.front() ?? new Uint8Array();
    const copyId = copies.copyId(message, '$');
    open.forget(session, message);
    message.drop();
    message.stage = { kind: 'swallowed' };
    this.errands.carryOut(chunk, head.kind.kind, octets, copyId);
  }
}
