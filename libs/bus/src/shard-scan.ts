import { shardOf } from '@parley/actor';
import { decodeToken } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { Bucket } from './bucket.ts';
import type { BusFailure } from './bus-failure.ts';

type Found = Result<ReadonlyMap<number, readonly string[]>, BusFailure>;

/**
 * Finds what is stored for shards that have just been acquired, where the first token of each key is the identity. An
 * instance acquires many shards at once, so that those who ask while the bucket is being read share the next reading: one
 * begun earlier could miss what the last owner wrote.
 */
export class ShardScan {
  readonly #bucket: Pick<Bucket<unknown>, 'keys'>;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<Found> | undefined;

  constructor(bucket: Pick<Bucket<unknown>, 'keys'>) {
    this.#bucket = bucket;
  }

  /** Identities of a shard, as of a moment after the call. */
  async identitiesOf(shard: number): Promise<Result<readonly string[], BusFailure>> {
    const found = await (this.#next ??= this.#begin());
    return found.ok ? ok(found.value.get(shard) ?? []) : found;
  }

  #begin(): Promise<Found> {
    const reading = this.#running.then(() => {
      this.#next = undefined;
      return this.#read();
    });
    this.#running = reading;
    return reading;
  }

  async #read(): Promise<Found> {
    const keys = await this.#bucket.keys();
    if (!keys.ok) return keys;
    const shards = new Map<number, string[]>();
    for (const token of new Set(keys.value.map((key) => key.split('.', 1)[0] ?? ''))) {
      const identity = decodeToken(token);
      if (!identity.ok) continue;
      const shard = shardOf(identity.value);
      const others = shards.get(shard);
      if (others === undefined) shards.set(shard, [identity.value]);
      else others.push(identity.value);
    }
    return ok(shards);
  }
}
