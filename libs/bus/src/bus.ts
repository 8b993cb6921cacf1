import type { BucketDefinition, Codec, ObjectStoreDefinition, Rpc, StreamDefinition } from '@parley/contracts';
import type { Cancel, Result } from '@parley/prelude';
import type { Bucket } from './bucket.ts';
import type { BusFailure } from './bus-failure.ts';
import type { MessageStream } from './message-stream.ts';
import type { ObjectStore } from './object-store.ts';

/** Whether NATS can be reached: `draining` finishes what runs, `closed` is for good. */
export type BusState = 'connected' | 'disconnected' | 'draining' | 'closed';

/** What travels with a message beside its bytes. */
export interface MessageOptions {
  /** W3C trace context of the work that this belongs to, the value of `traceparent`. */
  readonly trace?: string | undefined;
}

/** How a request is made. */
export interface RequestOptions extends MessageOptions {
  /** When an answer is of no use any more, on the clock of the bus. */
  readonly deadline: number;
  /** Milliseconds without an answer after which the same is asked again; undefined: it is asked once. */
  readonly again?: number | undefined;
}

/** What a handler knows of a message beside its content. */
export interface MessageContext {
  readonly subject: string;
  readonly trace: string | undefined;
}

/** What a handler knows of a request beside its content. */
export interface RequestContext extends MessageContext {
  /** When the asker gives up, on the clock of this bus. */
  readonly deadline: number;
}

/** What a handler answers when it is not, or no longer, the one to ask; the asker tries again until its deadline. */
export const declined: unique symbol = Symbol('declined');

/** Answers a request; what it throws reaches the asker as the failure `fault`. */
export type RequestHandler<Question, Answer> = (
  request: Question,
  context: RequestContext,
) => Answer | typeof declined | Promise<Answer | typeof declined>;

/** Takes a message that nobody answers. */
export type MessageHandler<T> = (message: T, context: MessageContext) => void | Promise<void>;

/** How a subject is served. */
export interface ServeOptions {
  /** Queue group: each request goes to one member. */
  readonly queue?: string;
  /** Requests handled at the same time (default 256): bounds what handlers hold in memory. */
  readonly concurrency?: number;
  /** Requests that may wait beyond that (default 1024); the next is answered `busy`. */
  readonly backlog?: number;
}

/** Interest in a subject. */
export interface Subscription {
  /** Takes nothing more; resolves when what was taken has been handled, requests at the latest by their deadlines. */
  stop(): Promise<void>;
}

/** A census: who answered. */
export interface GatherOptions extends MessageOptions {
  /** Milliseconds to collect answers for. */
  readonly within: number;
  /** Answers that are enough; undefined: wait the whole time. */
  readonly enough?: number;
}

/** What happened on a bus since it was made; only ever rises. */
export interface BusCounts {
  readonly requests: number;
  readonly retries: number;
  readonly failures: number;
  readonly handled: number;
  readonly faults: number;
  readonly unreadable: number;
  readonly busy: number;
  readonly reconnects: number;
}

/** Typed messages over NATS, and what JetStream keeps. Failures are values; nothing here throws or rejects. */
export interface Bus extends AsyncDisposable {
  readonly state: BusState;
  readonly counts: BusCounts;
  /** Calls `listener` at each change of {@link state}. */
  onState(listener: (state: BusState) => void): Cancel;
  /**
   * Asks and waits for one answer. While nobody serves the subject, or who does declines, it asks again until the deadline;
   * while NATS is away it fails at once.
   */
  request<Question, Answer>(
    subject: string,
    rpc: Rpc<Question, Answer>,
    message: Question,
    options: RequestOptions,
  ): Promise<Result<Answer, BusFailure>>;
  /** Answers requests; every one gets an answer, be it a failure. */
  serve<Question, Answer>(
    subject: string,
    rpc: Rpc<Question, Answer>,
    handler: RequestHandler<Question, Answer>,
    options?: ServeOptions,
  ): Subscription;
  /** Asks everyone who serves the subject and collects the answers that come in time; none is an empty list. */
  gather<Question, Answer>(
    subject: string,
    rpc: Rpc<Question, Answer>,
    message: Question,
    options: GatherOptions,
  ): Promise<Result<readonly Answer[], BusFailure>>;
  /** Tells whoever listens now; ok means handed to NATS, not received. */
  publish<T>(subject: string, codec: Codec<T>, message: T, options?: MessageOptions): Result<void, BusFailure>;
  /** Hears what is published on the subject (`*` is one token, `>` the rest), in order. */
  subscribe<T>(
    subject: string,
    codec: Codec<T>,
    handler: MessageHandler<T>,
    options?: { readonly queue?: string },
  ): Subscription;
  /** Resolves when NATS has seen all that was sent before, subscriptions included. */
  flush(): Promise<Result<void, BusFailure>>;
  /** The bucket, which is made at its first use if it does not exist. */
  bucket<T>(definition: BucketDefinition, codec: Codec<T>): Bucket<T>;
  /** The stream, which is made at its first use if it does not exist. */
  stream<T>(definition: StreamDefinition, codec: Codec<T>): MessageStream<T>;
  /** The object store, which is made at its first use if it does not exist. */
  objects(definition: ObjectStoreDefinition): ObjectStore;
  /** Takes no more requests, finishes those that run, sends what is queued, and closes. */
  drain(): Promise<void>;
}
