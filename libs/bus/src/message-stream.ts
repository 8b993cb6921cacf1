import type { Result } from '@parley/prelude';
import type { BusFailure } from './bus-failure.ts';

/** A message as a stream has it. */
export interface StoredMessage<T> {
  readonly subject: string;
  /** Rises by one with each message of the stream. */
  readonly sequence: number;
  /** When the server stored it, milliseconds since 1970. */
  readonly storedAt: number;
  readonly message: T;
}

/** Outcome of an append; `conflict` only where a sequence was expected. */
export type Appended = { readonly outcome: 'appended'; readonly sequence: number } | { readonly outcome: 'conflict' };

/** How a message is appended. */
export interface AppendOptions {
  /** Appends only if the newest message of the subject has this sequence; 0: if there is none. */
  readonly expectLast?: number;
  /** Names the message: the same id again within the stream's window is stored once and answered with the first sequence. */
  readonly messageId?: string;
}

/** A range of messages. */
export interface ReadOptions {
  /** First sequence that may be returned. */
  readonly from: number;
  /** Messages at most. */
  readonly limit: number;
}

/**
 * Messages in order, kept until purged or too old; a subject per mailbox or room. Appends may run concurrently: up to 256
 * of one stream are in flight, the rest wait their turn, and those of one caller are stored in the order of the calls.
 */
export interface MessageStream<T> {
  /** Resolves when the server has stored it. */
  append(subject: string, message: T, options?: AppendOptions): Promise<Result<Appended, BusFailure>>;
  /** The first message of the subject whose sequence is at least `from`. */
  next(subject: string, from: number): Promise<Result<StoredMessage<T> | undefined, BusFailure>>;
  /** The newest message of the subject. */
  last(subject: string): Promise<Result<StoredMessage<T> | undefined, BusFailure>>;
  /** Messages of the subject in order. */
  read(subject: string, options: ReadOptions): Promise<Result<readonly StoredMessage<T>[], BusFailure>>;
  /** Forgets the messages of the subject with a sequence below `before`; undefined: all. Returns how many. */
  purge(subject: string, before?: number): Promise<Result<number, BusFailure>>;
  /** Forgets one message; false when it is gone already. */
  remove(sequence: number): Promise<Result<boolean, BusFailure>>;
}
