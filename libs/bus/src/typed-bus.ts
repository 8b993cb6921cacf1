import type { BucketDefinition, Codec, ObjectStoreDefinition, Rpc, StreamDefinition } from '@parley/contracts';
import type { Cancel, Clock, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Bucket } from './bucket.ts';
import { askAgain } from './ask-again.ts';
import type {
  Bus,
  BusCounts,
  BusState,
  GatherOptions,
  MessageHandler,
  MessageOptions,
  RequestHandler,
  RequestOptions,
  ServeOptions,
  Subscription,
} from './bus.ts';
import { newCounts } from './bus-counts.ts';
import type { BusFailure } from './bus-failure.ts';
import { busFailure } from './bus-failure.ts';
import { failureOf, messageHeaders, requestHeaders } from './envelope.ts';
import type { Link } from './link.ts';
import { checkSend, isPattern } from './link-guard.ts';
import type { BusLogger } from './logger.ts';
import { MessageListener } from './message-listener.ts';
import type { MessageStream } from './message-stream.ts';
import type { ObjectStore } from './object-store.ts';
import { askUntilDeadline } from './request-retry.ts';
import type { ServerSurroundings } from './request-server.ts';
import { RequestServer } from './request-server.ts';
import { Requests } from './requests.ts';
import { TypedBucket } from './typed-bucket.ts';
import { TypedStream } from './typed-stream.ts';

/** The {@link Bus} over any link. */
export class TypedBus implements Bus {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #logger: BusLogger;
  readonly #requests: Requests;
  readonly #counts = newCounts();
  readonly #around: ServerSurroundings;
  readonly #subscriptions = new Set<Subscription>();
  readonly #listeners = new Set<(state: BusState) => void>();
  #drained: Promise<void> | undefined;

  constructor(link: Link, clock: Clock, logger: BusLogger) {
    this.#link = link;
    this.#clock = clock;
    this.#logger = logger;
    this.#around = { link, clock, logger, counts: this.#counts };
    this.#requests = new Requests(link, clock);
    link.onState((state) => {
      if (state === 'connected') this.#counts.reconnects++;
      this.#tellState();
    });
  }

  get state(): BusState {
    return this.#drained && this.#link.state !== 'closed' ? 'draining' : this.#link.state;
  }

  get counts(): BusCounts {
    return { ...this.#counts };
  }

  onState(listener: (state: BusState) => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async request<Question, Answer>(
    subject: string,
    rpc: Rpc<Question, Answer>,
    message: Question,
    { deadline, trace, again }: RequestOptions,
  ): Promise<Result<Answer, BusFailure>> {
    this.#counts.requests++;
    const data = rpc.request.encode(message);
    const onRetry = (): void => {
      this.#counts.retries++;
    };
    const ask = (isOver?: () => boolean): ReturnType<typeof askUntilDeadline> =>
      askUntilDeadline(this.#requests, this.#clock, { subject, data, deadline, trace, onRetry, isOver });
    const answer = await (again === undefined ? ask() : askAgain(this.#clock, again, ask));
    const read = answer.ok ? this.#read(subject, rpc.reply, answer.value.data) : answer;
    if (!read.ok) this.#counts.failures++;
    return read;
  }

  serve<Question, Answer>(
    subject: string,
    rpc: Rpc<Question, Answer>,
    handler: RequestHandler<Question, Answer>,
    options: ServeOptions = {},
  ): Subscription {
    if (!isPattern(subject)) return this.#unheard(subject);
    return this.#keep(new RequestServer(this.#around, subject, rpc, handler, options));
  }

  async gather<Question, Answer>(
    subject: string,
    rpc: Rpc<Question, Answer>,
    message: Question,
    { within, enough = Infinity, trace }: GatherOptions,
  ): Promise<Result<readonly Answer[], BusFailure>> {
    const data = rpc.request.encode(message);
    const headers = requestHeaders(within, trace);
    const answers = await this.#requests.gather({ subject, data, headers, within }, enough);
    if (!answers.ok) return answers;
    return ok(
      answers.value.flatMap((answer) => {
        const read = failureOf(answer) === undefined ? this.#read(subject, rpc.reply, answer.data) : undefined;
        return read?.ok ? [read.value] : [];
      }),
    );
  }

  publish<T>(subject: string, codec: Codec<T>, message: T, options: MessageOptions = {}): Result<void, BusFailure> {
    const data = codec.encode(message);
    const sendable = checkSend(this.#link, subject, data);
    if (sendable.ok) this.#link.publish(subject, data, messageHeaders(options.trace));
    return sendable;
  }

  subscribe<T>(
    subject: string,
    codec: Codec<T>,
    handler: MessageHandler<T>,
    options: { readonly queue?: string } = {},
  ): Subscription {
    if (!isPattern(subject)) return this.#unheard(subject);
    return this.#keep(new MessageListener(this.#around, subject, codec, handler, options.queue));
  }

  flush(): Promise<Result<void, BusFailure>> {
    return this.#link.flush();
  }

  bucket<T>(definition: BucketDefinition, codec: Codec<T>): Bucket<T> {
    return new TypedBucket(this.#link.bucket(definition), codec, this.#logger);
  }

  stream<T>(definition: StreamDefinition, codec: Codec<T>): MessageStream<T> {
    return new TypedStream(this.#link.stream(definition), codec);
  }

  objects(definition: ObjectStoreDefinition): ObjectStore {
    return this.#link.objects(definition);
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // `state` is `draining` from here on
    this.#tellState();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.stop()));
    await this.#link.close();
  }

  #read<Answer>(subject: string, codec: Codec<Answer>, data: Uint8Array): Result<Answer, BusFailure> {
    const answer = codec.decode(data);
    if (answer.ok) return answer;
    this.#counts.unreadable++;
    this.#logger.warn({ subject, error: answer.error }, 'answer cannot be read');
    return err(busFailure('unreadable', `the answer of ${subject} cannot be read`, answer.error));
  }

  /** Nothing can be sent to such a subject, so that hearing nothing is right; it is as long as the name of some room. */
  #unheard(subject: string): Subscription {
    this.#logger.warn({ length: subject.length }, 'subject cannot be subscribed to');
    return { stop: () => Promise.resolve() };
  }

  #keep(subscription: Subscription): Subscription {
    this.#subscriptions.add(subscription);
    return {
      stop: () => {
        this.#subscriptions.delete(subscription);
        return subscription.stop();
      },
    };
  }

  #tellState(): void {
    const { state } = this;
    for (const listener of [...this.#listeners]) listener(state);
  }
}
