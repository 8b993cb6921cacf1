import type { Cancel, Result, TransportFailure } from '@parley/prelude';

/** A sign of life: as long as it stands and is renewed, what the table gives its instance is its own. */
export interface InstanceLease {
  readonly kind: 'lease';
  /** Milliseconds that it lasts after each write; others wait as long as it says before they end it. */
  readonly duration: number;
  /** Its instance wants no shards any more. */
  readonly isDraining: boolean;
}

/** One line of the table: whose a shard is, and since when. */
export interface Holding {
  readonly shard: number;
  readonly owner: string;
  /** Revision of the table that began the ownership; 0 in that very table, which cannot know its own. */
  readonly epoch: number;
}

/** Who holds which shard of a service; a shard without a line is free. */
export interface ShardTable {
  readonly kind: 'table';
  readonly holdings: readonly Holding[];
}

/** What stands under a key. */
export type LeaseRecord = InstanceLease | ShardTable;

/** A record as the store has it. */
export interface LeaseEntry {
  readonly key: string;
  readonly record: LeaseRecord;
  readonly revision: number;
  /** Milliseconds by the store's clock; to be compared with others of the same store alone. */
  readonly storedAt: number;
}

/** Another write came first: the key exists, or its revision is another. */
export interface LeaseConflict {
  readonly kind: 'LeaseConflict';
  readonly key: string;
}

/** Outcome of a write: the revision it got. */
export type LeaseWrite = Result<number, LeaseConflict | TransportFailure>;

/** Where a watch tells what the store has. */
export interface LeaseWatcher {
  told(entry: LeaseEntry): void;
  /** A key is gone; the revision of its deletion where the store knows it. */
  deleted(key: string, revision: number | undefined): void;
  /** Once: all that existed when the watch began has been told. */
  ready(): void;
}

/**
 * The port to the records of placement. Keys are `[-a-zA-Z0-9_.]+`. What an adapter must hold to:
 * - a record stands until it is deleted;
 * - of concurrent writes with the same expectation exactly one succeeds;
 * - revisions of later writes are higher, across all keys, over deletions and restarts of the store (epochs are made of
 *   them);
 * - a watch tells of all keys in the order of their revisions, but for a snapshot after an interruption, and may leave out
 *   revisions that were overtaken;
 * - a store that lost what was last written, so that the revision of a key falls, is told of: the key as deleted, without a
 *   revision, before what stands under it now;
 * - a write that was not confirmed in time is a TransportFailure: its outcome is unknown.
 */
export interface LeaseStore {
  /** Writes a key that does not exist: never written, or deleted. */
  create(key: string, record: LeaseRecord): Promise<LeaseWrite>;
  /** Replaces a record of exactly this revision. */
  update(key: string, record: LeaseRecord, revision: number): Promise<LeaseWrite>;
  /** Deletes a record of exactly this revision. */
  delete(key: string, revision: number): Promise<LeaseWrite>;
  /** Tells of all records whose key starts with `prefix`, then of every change. */
  watch(prefix: string, watcher: LeaseWatcher): Cancel;
}
