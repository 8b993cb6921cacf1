import type { Result } from '@parley/prelude';
import type { BusFailure } from './bus-failure.ts';

/** A value as a bucket has it. */
export interface BucketEntry<T> {
  readonly key: string;
  readonly value: T;
  /** Rises with every write to the bucket, whatever the key. */
  readonly revision: number;
}

/** Outcome of writing a key that was to be new. */
export type Created = { readonly outcome: 'created'; readonly revision: number } | { readonly outcome: 'exists' };

/** Outcome of replacing one revision. */
export type Updated = { readonly outcome: 'updated'; readonly revision: number } | { readonly outcome: 'conflict' };

/** Outcome of deleting; `conflict` only where a revision was named. */
export type Deleted = { readonly outcome: 'deleted'; readonly revision: number } | { readonly outcome: 'conflict' };

/** What a watch tells: of each key in the order of its revisions. A deletion may be told of a key that was never told. */
export type BucketEvent<T> = ({ readonly kind: 'put' } & BucketEntry<T>) | DeletedKey;

/** A key that is gone; without a revision where only its absence was found, after an interruption. */
export interface DeletedKey {
  readonly kind: 'delete';
  readonly key: string;
  readonly revision?: number;
}

/** Where a watch tells it. */
export interface BucketWatcher<T> {
  /**
   * A key changed; during the first snapshot: exists.
   *
   * @param storedAt - when, by the clock of the store, which need not be right: milliseconds since 1970; 0 of an absence
   */
  changed(event: BucketEvent<T>, storedAt: number): void;
  /** Once: all that existed when the watch began has been told. */
  ready?(): void;
}

/** A watch that runs. */
export interface BucketWatch {
  /** Tells nothing more. */
  stop(): void;
}

/**
 * The newest value of each key. Every write that does not name a revision races; `create`, `update` and `delete` with a
 * revision are compare-and-set: of concurrent ones exactly one succeeds. A write that failed as `timeout` or
 * `disconnected` may have been carried out: read to know.
 *
 * @note A value that its bucket's TTL removed is gone without an event until the next reconnect: values in such buckets
 * carry their own expiry.
 */
export interface Bucket<T> {
  /** The newest value, or undefined when the key does not exist. */
  get(key: string): Promise<Result<BucketEntry<T> | undefined, BusFailure>>;
  /** Writes a key that does not exist, or was deleted. */
  create(key: string, value: T): Promise<Result<Created, BusFailure>>;
  /** Replaces exactly this revision. */
  update(key: string, value: T, revision: number): Promise<Result<Updated, BusFailure>>;
  /** Writes whatever was there; the last writer wins. */
  put(key: string, value: T): Promise<Result<number, BusFailure>>;
  /** Deletes the key, or exactly this revision of it; a key that does not exist counts as deleted when no revision is named. */
  delete(key: string, revision?: number): Promise<Result<Deleted, BusFailure>>;
  /** Keys that start with `prefix`; cheap where it ends in `.`, as NATS then filters. */
  keys(prefix?: string): Promise<Result<readonly string[], BusFailure>>;
  /** Values under keys that start with `prefix`. One that cannot be decoded is left out and logged. */
  entries(prefix?: string): Promise<Result<readonly BucketEntry<T>[], BusFailure>>;
  /**
   * Tells all that exists, then every change. After a time without NATS it tells what changed meanwhile, deletions too.
   * Of several changes to one key in quick succession only the last may be told.
   */
  watch(prefix: string, watcher: BucketWatcher<T>): BucketWatch;
  /** Forgets the marks of deletions older than `age` milliseconds; they are kept for watchers. Returns how many. */
  sweep(age: number): Promise<Result<number, BusFailure>>;
}
