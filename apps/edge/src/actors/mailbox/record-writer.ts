import type { Ownership } from '@parley/actor';
import { ownedRecords, stored as orThrow } from '@parley/bus';
import type { Bucket } from '@parley/bus';

/**
 * One record that its owner alone writes. Writes follow one another; what changes while one is under way goes in the
 * next, so that however many ask, one write brings them all up to date. Failures of the store are thrown.
 */
export class RecordWriter<T> {
  private readonly bucket: Bucket<T>;
  private readonly key: string;
  private ownership: Ownership | undefined;
  private revision: number | undefined;
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(bucket: Bucket<T>, key: string) {
    this.bucket = bucket;
    this.key = key;
  }

  /** Reads the record, which is written from now on under this takeover. */
  async takeOver(ownership: Ownership): Promise<T | undefined> {
    const entry = orThrow(await this.bucket.get(this.key));
    this.ownership = ownership;
    this.running = Promise.resolve();
    this.next = undefined;
    this.revision = entry?.revision;
    return entry?.value;
  }

  /** From now on, while the shard is handed over, the revision alone decides whether this owner's word still counts. */
  part(): void {
    if (this.ownership !== undefined) this.ownership = { ...this.ownership, isValid: () => true };
  }

  /** Resolves when the writes asked for so far are done. */
  get settled(): Promise<void> {
    return this.next ?? this.running;
  }

  /** Resolves when what `value` gives, asked at the last moment, is stored. */
  write(value: () => T): Promise<void> {
    const begin = (): Promise<void> => {
      this.next = undefined;
      this.running = this.carryOut(value);
      return this.running;
    };
    this.next ??= this.running.then(begin, begin);
    return this.next;
  }

  private async carryOut(value: () => T): Promise<void> {
    if (this.ownership === undefined) return;
    this.revision = await ownedRecords(this.bucket, this.ownership).write(this.key, value(), this.revision);
  }
}
