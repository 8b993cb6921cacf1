import type { Session } from '../hub/session.ts';
import type { GatheringBudget } from '../message/gathering-budget.ts';
import { IncomingMessage } from '../message/incoming-message.ts';
import type { CopyDesk } from './copy-desk.ts';
import type { Couriers } from './couriers.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import { refuseChunk } from './refuse-chunk.ts';
import type { Surroundings } from './surroundings.ts';

/** The messages that sessions have begun to send: each until all of it has come, or no more will. */
export class OpenMessages {
  private readonly around: Surroundings;
  private readonly couriers: Pick<Couriers, 'distributor' | 'answers'>;
  private readonly copies: Pick<CopyDesk, 'forget'>;
  private readonly gathered: GatheringBudget;

  constructor(
    around: Surroundings,
    couriers: Pick<Couriers, 'distributor' | 'answers'>,
    copies: Pick<CopyDesk, 'forget'>,
    gathered: GatheringBudget,
  ) {
    this.around = around;
    this.couriers = couriers;
    this.copies = copies;
    this.gathered = gathered;
  }

  /** The message that a chunk belongs to; undefined when the session has begun too many. */
  find(session: Session, id: string): IncomingMessage | undefined {
    const known = session.messages.get(id);
    if (known !== undefined) return known;
    if (session.messages.size >= this.around.limits.openMessages) return undefined;
    const message = new IncomingMessage(id, session);
    session.messages.set(id, message);
    return message;
  }

  /** The chunk at hand is not taken, nor is what else comes of its message. */
  refuse(chunk: IncomingChunk, code: number): void {
    const { session, message } = chunk;
    this.couriers.distributor.breakOff(message);
    message.stage = { kind: 'refused', code };
    this.drop(message);
    this.around.events.messageBegun(session, 'refused');
    refuseChunk(chunk, code, this.around);
  }

  /** A chunk has ended, and more of its message is to come. @spec RFC 7701 §6.1 (chunk reception timer) */
  awaitNext({ session, message }: IncomingChunk): void {
    if (session.messages.get(message.id) !== message) return;
    const { clock, limits } = this.around;
    message.timer = clock.after(limits.chunkTime, () => {
      this.couriers.distributor.breakOff(message);
      this.drop(message);
      // For as long again it is known why what comes late is not taken.
      message.stage = { kind: 'refused', code: 413 };
      message.timer = clock.after(limits.chunkTime, () => {
        this.forget(session, message);
      });
    });
  }

  /** The rest of a message will not come. */
  giveUp(session: Session, message: IncomingMessage): void {
    this.couriers.distributor.breakOff(message);
    this.forget(session, message);
  }

  /** All of a message has come, or its sender gave it up. */
  forget(session: Session, message: IncomingMessage): void {
    message.timer?.();
    this.gathered.release(message);
    if (session.messages.get(message.id) === message) session.messages.delete(message.id);
    this.couriers.answers.forget(message);
    this.copies.forget(message);
  }

  private drop(message: IncomingMessage): void {
    message.drop();
    this.gathered.release(message);
  }
}
