import type { ActorContext } from './actor-context.ts';
import type { Supervision } from './supervision.ts';

/** What all actors of one sort share: how they begin, what they do with a message, and their limits. */
export interface ActorKind<State, Message, Reply = void> {
  /** The RFC's noun, for logs and counters, e.g. `room`. */
  readonly name: string;
  /** Stored state of an identity, or a fresh one; called at the first message and at every restart. */
  readonly load: (identity: string) => State | Promise<State>;
  /**
   * The behaviour. Handles one message at a time: the next one waits until it returns or its promise settles. A behaviour
   * that must wait for others without holding its mailbox uses {@link ActorContext.whenSettled}.
   */
  readonly receive: (context: ActorContext<State, Message, Reply>, message: Message) => void | Promise<void>;
  /** After each load, before the first message: arms timers that follow from the state. */
  readonly started?: (context: ActorContext<State, Message, Reply>) => void;
  /** Before the actor leaves memory for any reason but a crash. What it throws is observed and changes nothing. */
  readonly stopping?: (context: ActorContext<State, Message, Reply>) => void | Promise<void>;
  /** Messages that may wait; one more is a dead letter, and an asker gets 503. Default 1000. */
  readonly mailboxLimit?: number;
  /**
   * Milliseconds without a message after which the actor is put to sleep, up to twice that. An actor with an armed timer,
   * an unanswered request or a pending {@link ActorContext.whenSettled} is not idle. Default Infinity: never.
   */
  readonly idleAfter?: number;
  /** Default {@link restartThenStop}. */
  readonly supervision?: Supervision;
}
