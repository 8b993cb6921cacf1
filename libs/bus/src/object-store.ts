import type { Result } from '@parley/prelude';
import type { BusFailure } from './bus-failure.ts';

/** Large values under names; what is written or read of one goes in pieces, so that size costs no memory on the way in. */
export interface ObjectStore {
  /** Stores what `pieces` give, in place of what stood under the name; resolves when the server has all of it. */
  put(name: string, pieces: AsyncIterable<Uint8Array>): Promise<Result<void, BusFailure>>;
  /** The whole object; undefined when there is none, or only a part of it. */
  get(name: string): Promise<Result<Uint8Array | undefined, BusFailure>>;
  /** Forgets an object; one that does not exist counts as forgotten. */
  remove(name: string): Promise<Result<void, BusFailure>>;
  /** Names that start with `prefix`; looks at all objects. */
  names(prefix: string): Promise<Result<readonly string[], BusFailure>>;
}
