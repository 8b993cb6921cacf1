import type { BucketDefinition, ObjectStoreDefinition, StreamDefinition } from '@parley/contracts';
import type { Cancel, Result } from '@parley/prelude';
import type { BusFailure } from './bus-failure.ts';
import type { Appended, AppendOptions } from './message-stream.ts';
import type { ObjectStore } from './object-store.ts';

/** Whether NATS can be reached; `closed` is for good. */
export type LinkState = 'connected' | 'disconnected' | 'closed';

/** Headers of a message; names are case-sensitive. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** A message as it comes off the link. */
export interface LinkMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Subject that an answer goes to. */
  readonly reply: string | undefined;
  /** True for the server's word that nobody serves the subject of a request. */
  readonly isNoResponder: boolean;
  /** Status that the server itself answers with, e.g. 404; 0 for none. */
  readonly code: number;
  header(name: string): string | undefined;
}

/** Interest in a subject at the link. */
export interface LinkSubscription {
  /** Delivers nothing more; resolves when the server knows. */
  stop(): Promise<void>;
}

/** One stored revision of a key; no data: the key was deleted. */
export interface RawEntry {
  readonly key: string;
  readonly revision: number;
  /** Wall time of the store, milliseconds since 1970. */
  readonly storedAt: number;
  readonly data: Uint8Array | undefined;
}

/** Expectation of a write: the revision that the key must have, 0 for none, undefined for any. */
export type Expected = number | undefined;

/** Outcome of a write. */
export type RawWrite = { readonly kind: 'written'; readonly revision: number } | { readonly kind: 'conflict' };

/** Where a raw watch tells what it sees. */
export interface RawWatcher {
  /** A snapshot begins: all that exists follows. Again after every reconnect. */
  restarted(): void;
  entry(entry: RawEntry): void;
  /** The snapshot is complete. */
  synced(): void;
}

/** A bucket in octets. */
export interface RawBucket {
  get(key: string): Promise<Result<RawEntry | undefined, BusFailure>>;
  /** Data undefined: delete. An expectation of 0 is also met by a deleted key. */
  write(key: string, data: Uint8Array | undefined, expected: Expected): Promise<Result<RawWrite, BusFailure>>;
  /** All keys that match the filter, deleted ones left out. */
  list(filter: string, withData: boolean): Promise<Result<readonly RawEntry[], BusFailure>>;
  watch(filter: string, watcher: RawWatcher): Cancel;
  sweep(age: number): Promise<Result<number, BusFailure>>;
}

/** A stored message in octets. */
export interface RawMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly storedAt: number;
  readonly data: Uint8Array;
}

/** A stream in octets. */
export interface RawStream {
  append(subject: string, data: Uint8Array, options: AppendOptions): Promise<Result<Appended, BusFailure>>;
  next(subject: string, from: number): Promise<Result<RawMessage | undefined, BusFailure>>;
  last(subject: string): Promise<Result<RawMessage | undefined, BusFailure>>;
  purge(subject: string, before: number | undefined): Promise<Result<number, BusFailure>>;
  remove(sequence: number): Promise<Result<boolean, BusFailure>>;
}

/** What the typed bus needs of NATS, or of its stand-in. */
export interface Link {
  readonly state: LinkState;
  onState(listener: (state: LinkState) => void): Cancel;
  /** A subject that nobody else has; what stands under it is for this link alone. */
  newInbox(): string;
  /** Largest message, octets. */
  readonly maxPayload: number;
  /** Hands a message over; the caller made sure that the link is up. */
  publish(subject: string, data: Uint8Array, headers: Headers, reply?: string): void;
  subscribe(subject: string, queue: string | undefined, deliver: (message: LinkMessage) => void): LinkSubscription;
  flush(): Promise<Result<void, BusFailure>>;
  bucket(definition: BucketDefinition): RawBucket;
  stream(definition: StreamDefinition): RawStream;
  objects(definition: ObjectStoreDefinition): ObjectStore;
  /** Sends what is queued and closes. */
  close(): Promise<void>;
}
