import { err, ok, transportFailure } from '@parley/prelude';
import type { Clock, Refusal, Result, TransportFailure } from '@parley/prelude';

/** Why an ask has no answer: nobody answered in time or the actor went (retryable), or its mailbox is full (503). */
export type AskFailure = TransportFailure | Refusal;

/** Where one answer goes; the first outcome counts, later ones are ignored. */
export interface ReplySlot<Reply> {
  /** Whether the asker still waits: nothing has been settled and the deadline is ahead. */
  readonly open: boolean;
  settle(outcome: Result<Reply, AskFailure>): void;
}

/**
 * A promise of one answer with a deadline.
 *
 * @param what - names the actor in the failure, e.g. `room sip:a@chat.localhost`
 * @param timeout - milliseconds
 */
export function openReplySlot<Reply>(
  clock: Clock,
  what: string,
  timeout: number,
): { readonly slot: ReplySlot<Reply>; readonly answer: Promise<Result<Reply, AskFailure>> } {
  const { promise, resolve } = Promise.withResolvers<Result<Reply, AskFailure>>();
  const settle = (outcome: Result<Reply, AskFailure>): void => {
    slot.open = false;
    cancel();
    resolve(outcome);
  };
  const slot = { open: true, settle };
  const cancel = clock.after(timeout, () => {
    settle(err(transportFailure(`${what} gave no answer within ${timeout} ms`, true)));
  });
  return { slot, answer: promise };
}

/** Settles a slot with an answer; nothing happens when nobody asked. */
export function answer<Reply>(slot: ReplySlot<Reply> | undefined, reply: Reply): void {
  slot?.settle(ok(reply));
}

/** Settles a slot with the news that the actor is gone; another try may reach its successor. */
export function disappoint<Reply>(slot: ReplySlot<Reply> | undefined, message: string, cause?: unknown): void {
  slot?.settle(err(transportFailure(message, true, cause)));
}
