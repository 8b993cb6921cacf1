import { shardOf } from '@parley/actor';
import type { Bucket } from '@parley/bus';
import { decodeToken } from '@parley/contracts';
import { StoreFailed } from './store-failed.ts';

/**
 * Finds the rooms of shards that have just been acquired. An instance acquires many at once, so that those who ask while
 * the bucket is being read share the next reading: one begun earlier could miss what the last owner wrote.
 */
export class RoomScan {
  private readonly bucket: Pick<Bucket<unknown>, 'keys'>;
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<ReadonlyMap<number, readonly string[]>> | undefined;

  constructor(bucket: Pick<Bucket<unknown>, 'keys'>) {
    this.bucket = bucket;
  }

  /** Conference URIs of a shard, as of a moment after the call. Rejects with StoreFailed. */
  async roomsOf(shard: number): Promise<readonly string[]> {
    this.next ??= this.begin();
    return (await this.next).get(shard) ?? [];
  }

  private begin(): Promise<ReadonlyMap<number, readonly string[]>> {
    const reading = this.running.then(() => {
      this.next = undefined;
      return this.read();
    });
    this.running = reading.catch(() => {});
    return reading;
  }

  private async read(): Promise<ReadonlyMap<number, readonly string[]>> {
    const keys = await this.bucket.keys();
    if (!keys.ok) throw new StoreFailed(keys.error.message, keys.error);
    const rooms = new Map<number, string[]>();
    for (const token of new Set(keys.value.map((key) => key.split('.', 1)[0] ?? ''))) {
      const uri = decodeToken(token);
      if (!uri.ok) continue;
      const shard = shardOf(uri.value);
      rooms.set(shard, [...(rooms.get(shard) ?? []), uri.value]);
    }
    return rooms;
  }
}
