import type { Clock, Result } from '@parley/prelude';

/** Who the actor is, and what it owns. */
export interface ActorSelf<State> {
  readonly identity: string;
  /** Owned by this actor alone; replaced by assignment, lost at a restart. */
  state: State;
  readonly clock: Clock;
}

/** Answering who asks. */
export interface ActorReplies<Reply> {
  /** Answers the message in hand; ignored when it was a tell or has been answered. */
  reply(reply: Reply): void;
  /** Takes the answer of the message in hand out, to be given later, while further messages are handled. */
  deferReply(): (reply: Reply) => void;
}

/** Named timers whose firing is a message; at a restart or stop they are gone. */
export interface ActorTimers<Message> {
  /** Sends `message` to itself after `delay` milliseconds; replaces the timer of the same name. */
  arm(name: string, delay: number, message: Message): void;
  disarm(name: string): void;
}

/** Sending to itself and leaving. */
export interface ActorSteps<Message> {
  /** Puts a message behind those that wait. */
  tellSelf(message: Message): void;
  /**
   * Turns the outcome of work elsewhere into a message to itself, and goes on with the mailbox meanwhile. Dropped when
   * the actor restarts or stops first.
   */
  whenSettled<Value>(work: Promise<Value>, toMessage: (outcome: Result<Value, unknown>) => Message): void;
  /** Leaves memory after the message in hand; the messages that wait are handed to a successor. */
  sleep(): void;
}

/** What a behaviour is given: itself, and no way to reach into another actor. */
export interface ActorContext<State, Message, Reply = void>
  extends ActorSelf<State>, ActorReplies<Reply>, ActorTimers<Message>, ActorSteps<Message> {}
