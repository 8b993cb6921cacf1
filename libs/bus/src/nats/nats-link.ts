import { createInbox } from '@nats-io/nats-core';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import type { BucketDefinition, ObjectStoreDefinition, StreamDefinition } from '@parley/contracts';
import type { Cancel, Clock, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { BusFailure } from '../bus-failure.ts';
import { busFailure } from '../bus-failure.ts';
import type { Headers, Link, LinkMessage, LinkState, LinkSubscription, RawBucket, RawStream } from '../link.ts';
import { linkFailure } from '../link-guard.ts';
import type { BusLogger } from '../logger.ts';
import { JetStream } from './jet-stream.ts';
import type { ObjectStore } from '../object-store.ts';
import { NatsBucket } from './nats-bucket.ts';
import { NatsObjectStore } from './nats-object-store.ts';
import { NatsStream } from './nats-stream.ts';
import { Outbox } from './outbox.ts';

/** What a link over NATS needs beside its connection. */
export interface NatsLinkOptions {
  readonly clock: Clock;
  readonly logger: BusLogger;
  /** Copies of each bucket and stream in a clustered NATS. */
  readonly replicas: number;
  /** What JetStream may fill, where streams are to share it. */
  readonly storeOctets?: number | undefined;
}

/** A {@link Link} over a connection that reconnects by itself. */
export class NatsLink implements Link {
  readonly #connection: NatsConnection;
  readonly #options: NatsLinkOptions;
  readonly #listeners = new Set<(state: LinkState) => void>();
  readonly #jetStream: JetStream;
  readonly #outbox: Outbox;
  /** By their definitions: each is opened once, and hears of every change of state as long as the link lives. */
  readonly #buckets = new WeakMap<BucketDefinition, NatsBucket>();
  readonly #streams = new WeakMap<StreamDefinition, NatsStream>();
  #state: LinkState = 'connected';

  constructor(connection: NatsConnection, options: NatsLinkOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#outbox = new Outbox(connection, options.logger);
    this.#jetStream = new JetStream(connection, this, options);
    void this.#follow();
    void connection.closed().then(() => {
      this.#change('closed');
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  get maxPayload(): number {
    return this.#connection.info?.max_payload ?? 1_048_576;
  }

  newInbox(): string {
    return createInbox();
  }

  onState(listener: (state: LinkState) => void): Cancel {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  publish(subject: string, data: Uint8Array, headers: Headers, reply?: string): void {
    this.#outbox.add(subject, data, headers, reply);
  }

  subscribe(subject: string, queue: string | undefined, deliver: (message: LinkMessage) => void): LinkSubscription {
    const subscription = this.#connection.subscribe(subject, {
      ...(queue !== undefined && { queue }),
      callback: (error, message) => {
        if (error) this.#options.logger.error({ subject, err: error }, 'subscription failed');
        else deliver(new NatsMessage(message));
      },
    });
    return {
      stop: async () => {
        if (this.#state === 'connected') await subscription.drain().catch(() => {});
        else if (this.#state === 'disconnected') subscription.unsubscribe();
      },
    };
  }

  async flush(): Promise<Result<void, BusFailure>> {
    if (this.#state !== 'connected') return err(linkFailure(this));
    this.#outbox.send();
    try {
      await this.#connection.flush();
      return ok(undefined);
    } catch (error) {
      return err(busFailure('disconnected', 'NATS went away before it had seen everything', error));
    }
  }

  bucket(definition: BucketDefinition): RawBucket {
    const known = this.#buckets.get(definition);
    if (known !== undefined) return known;
    const bucket = new NatsBucket(this.#jetStream, definition, this.#options);
    this.#buckets.set(definition, bucket);
    return bucket;
  }

  stream(definition: StreamDefinition): RawStream {
    const known = this.#streams.get(definition);
    if (known !== undefined) return known;
    const stream = new NatsStream(this.#jetStream, definition);
    this.#streams.set(definition, stream);
    return stream;
  }

  objects(definition: ObjectStoreDefinition): ObjectStore {
    return new NatsObjectStore(this.#jetStream, definition);
  }

  async close(): Promise<void> {
    const canDrain = this.#state === 'connected';
    if (canDrain) this.#outbox.send();
    this.#change('closed'); // first, as the connection takes nothing more from here on
    if (canDrain) await this.#connection.drain().catch(() => {});
    await this.#connection.close();
  }

  async #follow(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === 'disconnect') this.#change('disconnected');
      else if (status.type === 'reconnect') this.#change('connected');
      else if (status.type === 'error') this.#options.logger.warn({ err: status.error }, 'NATS reports an error');
    }
  }

  #change(state: LinkState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    if (state === 'disconnected') this.#outbox.clear();
    this.#options.logger.info({ state }, 'NATS connection');
    for (const listener of [...this.#listeners]) listener(state);
  }
}

/** A message of the NATS client; what nobody asks for is not decoded. */
class NatsMessage implements LinkMessage {
  readonly #message: Msg;

  constructor(message: Msg) {
    this.#message = message;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get data(): Uint8Array {
    return this.#message.data;
  }

  get reply(): string | undefined {
    return this.#message.reply;
  }

  get isNoResponder(): boolean {
    return this.code === 503 && this.#message.data.length === 0;
  }

  get code(): number {
    return this.#message.headers?.code ?? 0;
  }

  header(name: string): string | undefined {
    const value = this.#message.headers?.get(name) ?? ''; // the client says '' for a header that is not there
    return value === '' ? undefined : value;
  }
}
