import { err, ok } from '@parley/prelude';
import type { Cancel, Clock, Result } from '@parley/prelude';
import type { ActorContext } from './actor-context.ts';
import { NamedTimers } from './named-timers.ts';
import { answer, disappoint } from './reply-slot.ts';
import type { ReplySlot } from './reply-slot.ts';

/** What a life needs of the cell that it is lived in. */
export interface ActorHome<Message> {
  readonly identity: string;
  readonly clock: Clock;
  /** Puts a message into the actor's own mailbox; `own` news is let in above the limit. */
  deliverToSelf(message: Message, own: boolean): void;
  sleepSoon(): void;
  /** Something begun has been finished outside a message. */
  finishedSome(): void;
}

/** The context of an actor from one load to the next restart or stop; what happens on an ended one is ignored. */
export class ActorLife<State, Message, Reply> implements ActorContext<State, Message, Reply> {
  readonly identity: string;
  readonly clock: Clock;
  state: State;
  private readonly home: ActorHome<Message>;
  private readonly timers: NamedTimers;
  /** Who waits for the answer to the message in hand. */
  private asker: ReplySlot<Reply> | undefined;
  private deferred: Set<ReplySlot<Reply>> | undefined;
  private pending = 0;
  private ended = false;
  private cancelIdleCheck: Cancel | undefined;

  constructor(home: ActorHome<Message>, state: State) {
    this.home = home;
    this.identity = home.identity;
    this.clock = home.clock;
    this.state = state;
    this.timers = new NamedTimers(home.clock);
  }

  /** Whether work elsewhere or an asker still waits for it. */
  get unfinished(): boolean {
    for (const slot of this.deferred ?? []) if (!slot.open) this.deferred?.delete(slot);
    return this.pending + (this.deferred?.size ?? 0) > 0;
  }

  /** Whether something of its own will still come, so that it must not be put to sleep. */
  get expectant(): boolean {
    return this.timers.size > 0 || this.unfinished;
  }

  /** Calls `check` every `period` milliseconds of this life. */
  watchIdleness(period: number, check: () => void): void {
    this.cancelIdleCheck = this.clock.after(period, () => {
      this.watchIdleness(period, check);
      check();
    });
  }

  /** Takes a message in hand. */
  begin(asker: ReplySlot<Reply> | undefined): void {
    this.asker = asker;
  }

  /** Lays the message down; an asker who was neither answered nor deferred need not wait for the deadline. */
  finish(cause?: unknown): void {
    if (this.asker === undefined) return;
    disappoint(this.asker, `${this.identity} gave no answer`, cause);
    this.asker = undefined;
  }

  /** Ends this life: timers are gone, and who waits for an answer is told. */
  end(): void {
    this.ended = true;
    this.cancelIdleCheck?.();
    this.timers.disarmAll();
    this.finish();
    for (const slot of this.deferred ?? []) disappoint(slot, `${this.identity} ended before it answered`);
    this.deferred = undefined;
  }

  reply(reply: Reply): void {
    answer(this.asker, reply);
    this.asker = undefined;
  }

  deferReply(): (reply: Reply) => void {
    const slot = this.asker;
    if (slot === undefined) return () => {};
    this.asker = undefined;
    (this.deferred ??= new Set()).add(slot);
    return (reply) => {
      this.deferred?.delete(slot);
      answer(slot, reply);
      if (!this.ended) this.home.finishedSome();
    };
  }

  arm(name: string, delay: number, message: Message): void {
    if (this.ended) return;
    this.timers.arm(name, delay, () => {
      this.home.deliverToSelf(message, true);
    });
  }

  disarm(name: string): void {
    this.timers.disarm(name);
  }

  tellSelf(message: Message): void {
    if (!this.ended) this.home.deliverToSelf(message, false);
  }

  whenSettled<Value>(work: Promise<Value>, toMessage: (outcome: Result<Value, unknown>) => Message): void {
    const settle = (outcome: Result<Value, unknown>): void => {
      this.pending--;
      if (!this.ended) this.home.deliverToSelf(toMessage(outcome), true);
    };
    this.pending++;
    work.then(
      (value) => {
        settle(ok(value));
      },
      (error: unknown) => {
        settle(err(error));
      },
    );
  }

  sleep(): void {
    if (!this.ended) this.home.sleepSoon();
  }
}
