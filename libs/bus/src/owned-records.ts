import type { Ownership } from '@parley/actor';
import type { Result } from '@parley/prelude';
import type { Bucket, Created, Updated } from './bucket.ts';
import type { BusFailure } from './bus-failure.ts';

/** The store would not, or may not, have written: what an actor has in memory is not to be trusted. */
export class StoreFailed extends Error {
  override readonly name: string = 'StoreFailed';

  constructor(failure: Pick<BusFailure, 'message'>) {
    super(failure.message, { cause: failure });
  }
}

/** Somebody else wrote our record: its shard has another owner, and this one has nothing to say any more. */
export class OwnershipLost extends Error {
  override readonly name = 'OwnershipLost';
}

/** Compare-and-set for records that have one owner: whatever else than success is thrown, and ends the actor's message. */
export interface OwnedRecords<T> {
  /** Creates the key where no revision is known, else replaces exactly that one. @throws StoreFailed, OwnershipLost */
  write(key: string, value: T, revision: number | undefined): Promise<number>;
  /** Deletes exactly this revision. @throws StoreFailed, OwnershipLost */
  remove(key: string, revision: number): Promise<void>;
}

/**
 * Writes to a bucket as the owner of its records. The lease is asked before every write: an owner that slept past it may
 * have read, since it woke, what its successor wrote, and would then pass the compare-and-set.
 */
export function ownedRecords<T>(bucket: Bucket<T>, ownership: Pick<Ownership, 'isValid'>): OwnedRecords<T> {
  return {
    async write(key, value, revision) {
      checkLease(ownership);
      const written: Created | Updated =
        revision === undefined
          ? stored(await bucket.create(key, value))
          : stored(await bucket.update(key, value, revision));
      if (written.outcome === 'created' || written.outcome === 'updated') return written.revision;
      throw new OwnershipLost(`${key} was written by another`);
    },
    async remove(key, revision) {
      checkLease(ownership);
      const deleted = stored(await bucket.delete(key, revision));
      if (deleted.outcome === 'conflict') throw new OwnershipLost(`${key} was written by another`);
    },
  };
}

function checkLease(ownership: Pick<Ownership, 'isValid'>): void {
  if (!ownership.isValid()) throw new OwnershipLost('the lease of the shard is over');
}

/** What the store gave. @throws StoreFailed */
export function stored<T>(result: Result<T, BusFailure>): T {
  if (result.ok) return result.value;
  throw new StoreFailed(result.error);
}
