import type { Result, TransportFailure } from '@parley/prelude';

/** What stands under a lease key: who holds it, and since which takeover. */
export interface LeaseRecord {
  /** Instance that holds it; unique per start of a process. */
  readonly owner: string;
  /** Revision of the record that began this ownership; 0 in that first record, which cannot know its own. */
  readonly epoch: number;
  /** Wall time, milliseconds, at which the store forgets it unless renewed; for people, nothing is decided by it. */
  readonly expiresAt: number;
  /** Set in the presence record of an instance that drains and wants no share. */
  readonly draining?: true;
}

/** A record as the store has it. */
export interface LeaseEntry {
  readonly key: string;
  readonly record: LeaseRecord;
  readonly revision: number;
}

/** Another write came first: the key exists, or its revision is another. */
export interface LeaseConflict {
  readonly kind: 'LeaseConflict';
  readonly key: string;
}

/** Outcome of a write: the revision it got. */
export type LeaseWrite = Result<number, LeaseConflict | TransportFailure>;

/**
 * The port to a bucket of leases. Keys are `[-a-zA-Z0-9_.]+`. What an adapter must hold to:
 * - a record vanishes one lease time after its last write, never before, by the store's own clock;
 * - of concurrent writes with the same expectation exactly one succeeds;
 * - revisions of later writes are higher, across all keys, over deletion and expiry and restarts of the store (epochs are
 *   made of them);
 * - a write that was not confirmed within half a lease is a TransportFailure: its outcome is unknown.
 */
export interface LeaseStore {
  /** Writes a key that does not exist: never written, deleted or expired. */
  create(key: string, record: LeaseRecord): Promise<LeaseWrite>;
  /** Replaces a record of exactly this revision. */
  update(key: string, record: LeaseRecord, revision: number): Promise<LeaseWrite>;
  /** Deletes a record of exactly this revision. */
  delete(key: string, revision: number): Promise<Result<undefined, LeaseConflict | TransportFailure>>;
  /** All records whose key starts with `prefix`; expired ones may still be among them if the adapter keeps a watched copy. */
  list(prefix: string): Promise<Result<readonly LeaseEntry[], TransportFailure>>;
  /**
   * Optionally, tells of records under `prefix` that appear or are deleted, so that they need not wait for the next look.
   * Renewals are not told of; expiry need not be.
   */
  watch?(prefix: string, changed: () => void): () => void;
}
