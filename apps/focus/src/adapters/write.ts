import type { Bucket } from '@parley/bus';
import { OwnershipLost, StoreFailed } from './store-failed.ts';

/** Compare-and-set with the outcome that an owner expects; anything else is thrown. */
export interface Writer<T> {
  /** Creates the key, or replaces the revision known. @throws StoreFailed, OwnershipLost */
  replace(key: string, value: T, revision: number | undefined): Promise<number>;
  /** @throws StoreFailed, OwnershipLost */
  remove(key: string, revision: number): Promise<void>;
}

/** Writes to a bucket whose keys have one owner. */
export function writer<T>(bucket: Bucket<T>): Writer<T> {
  return {
    async replace(key, value, revision) {
      const written =
        revision === undefined ? await bucket.create(key, value) : await bucket.update(key, value, revision);
      if (!written.ok) throw new StoreFailed(written.error.message, written.error);
      const { outcome } = written.value;
      if (outcome === 'created' || outcome === 'updated') return written.value.revision;
      throw new OwnershipLost(`${key} was written by another`);
    },
    async remove(key, revision) {
      const deleted = await bucket.delete(key, revision);
      if (!deleted.ok) throw new StoreFailed(deleted.error.message, deleted.error);
      if (deleted.value.outcome === 'conflict') throw new OwnershipLost(`${key} was written by another`);
    },
  };
}
