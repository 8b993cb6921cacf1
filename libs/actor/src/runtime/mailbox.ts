import type { ReplySlot } from './reply-slot.ts';

const smallest = 8;

/**
 * The user messages of one actor, first in first out, at most `limit`. A ring that costs nothing until the first message
 * and whose two lanes save an envelope per message.
 */
export class Mailbox<Message, Reply> {
  length = 0;
  readonly limit: number;
  private first = 0;
  private messages: (Message | undefined)[] = [];
  private slots: (ReplySlot<Reply> | undefined)[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Whether the message found room; `slot` waits for its answer. An actor's own news is let in above the limit. */
  push(message: Message, slot: ReplySlot<Reply> | undefined, own = false): boolean {
    if (this.length >= this.limit && !own) return false;
    if (this.length === this.messages.length) this.grow();
    const at = (this.first + this.length) & (this.messages.length - 1);
    this.messages[at] = message;
    this.slots[at] = slot;
    this.length++;
    return true;
  }

  /** Hands the oldest message to `take`; only to be called when `length` is above zero. */
  shift<Result>(take: (message: Message, slot: ReplySlot<Reply> | undefined) => Result): Result {
    const at = this.first;
    const message = this.messages[at] as Message; // within the ring, since length > 0
    const slot = this.slots[at];
    this.messages[at] = undefined;
    this.slots[at] = undefined;
    this.first = (at + 1) & (this.messages.length - 1);
    this.length--;
    return take(message, slot);
  }

  /** Doubles the ring; a power of two, so that places are found by a mask. */
  private grow(): void {
    const old = this.messages.length;
    const size = Math.max(smallest, old * 2);
    const messages = new Array<Message | undefined>(size).fill(undefined);
    const slots = new Array<ReplySlot<Reply> | undefined>(size).fill(undefined);
    for (let i = 0; i < this.length; i++) {
      messages[i] = this.messages[(this.first + i) & (old - 1)];
      slots[i] = this.slots[(this.first + i) & (old - 1)];
    }
    this.messages = messages;
    this.slots = slots;
    this.first = 0;
  }
}
