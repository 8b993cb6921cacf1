import type { Codec } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Bucket, BucketEntry, BucketWatch, BucketWatcher, Created, Deleted, Updated } from './bucket.ts';
import type { BusFailure } from './bus-failure.ts';
import { busFailure } from './bus-failure.ts';
import { watchBucket } from './bucket-watch.ts';
import type { RawBucket, RawEntry } from './link.ts';
import { isKeyPrefix, maxSubjectLength } from './link-guard.ts';
import type { BusLogger } from './logger.ts';

const keyShape = /^[-/_=a-zA-Z0-9]+(?:\.[-/_=a-zA-Z0-9]+)*$/;

/** A {@link Bucket} over one in octets. */
export class TypedBucket<T> implements Bucket<T> {
  readonly #raw: RawBucket;
  readonly #codec: Codec<T>;
  readonly #logger: BusLogger;

  constructor(raw: RawBucket, codec: Codec<T>, logger: BusLogger) {
    this.#raw = raw;
    this.#codec = codec;
    this.#logger = logger;
  }

  async get(key: string): Promise<Result<BucketEntry<T> | undefined, BusFailure>> {
    const checked = checkKey(key);
    if (!checked.ok) return checked;
    const found = await this.#raw.get(key);
    if (!found.ok) return found;
    if (found.value?.data === undefined) return ok(undefined);
    const value = this.#codec.decode(found.value.data);
    if (!value.ok) return err(busFailure('unreadable', `the value of ${key} cannot be read`, value.error));
    return ok({ key, value: value.value, revision: found.value.revision });
  }

  async create(key: string, value: T): Promise<Result<Created, BusFailure>> {
    const written = await this.#write(key, this.#codec.encode(value), 0);
    if (!written.ok) return written;
    return ok(written.value === 'conflict' ? { outcome: 'exists' } : { outcome: 'created', revision: written.value });
  }

  async update(key: string, value: T, revision: number): Promise<Result<Updated, BusFailure>> {
    const written = await this.#write(key, this.#codec.encode(value), revision);
    if (!written.ok) return written;
    return ok(written.value === 'conflict' ? { outcome: 'conflict' } : { outcome: 'updated', revision: written.value });
  }

  async put(key: string, value: T): Promise<Result<number, BusFailure>> {
    const written = await this.#write(key, this.#codec.encode(value), undefined);
    if (!written.ok) return written;
    return written.value === 'conflict' ? err(busFailure('store', `${key} was not written`)) : ok(written.value);
  }

  async delete(key: string, revision?: number): Promise<Result<Deleted, BusFailure>> {
    const written = await this.#write(key, undefined, revision);
    if (!written.ok) return written;
    return ok(written.value === 'conflict' ? { outcome: 'conflict' } : { outcome: 'deleted', revision: written.value });
  }

  async keys(prefix = ''): Promise<Result<readonly string[], BusFailure>> {
    const listed = await this.#list(prefix, false);
    return listed.ok ? ok(listed.value.map((entry) => entry.key)) : listed;
  }

  async entries(prefix = ''): Promise<Result<readonly BucketEntry<T>[], BusFailure>> {
    const listed = await this.#list(prefix, true);
    if (!listed.ok) return listed;
    return ok(listed.value.flatMap((raw) => this.#read(raw) ?? []));
  }

  watch(prefix: string, watcher: BucketWatcher<T>): BucketWatch {
    if (!isKeyPrefix(prefix)) return watchNothing(watcher);
    return watchBucket(
      this.#raw,
      { prefix, filter: filterOf(prefix), read: (raw) => this.#read(raw) },
      watcher,
      this.#logger,
    );
  }

  sweep(age: number): Promise<Result<number, BusFailure>> {
    return this.#raw.sweep(age);
  }

  #read({ key, revision, data }: RawEntry): BucketEntry<T> | undefined {
    if (data === undefined) return undefined;
    const value = this.#codec.decode(data);
    if (value.ok) return { key, value: value.value, revision };
    this.#logger.warn({ key, error: value.error }, 'value cannot be read');
    return undefined;
  }

  async #write(
    key: string,
    data: Uint8Array | undefined,
    expected: number | undefined,
  ): Promise<Result<number | 'conflict', BusFailure>> {
    const checked = checkKey(key);
    if (!checked.ok) return checked;
    const written = await this.#raw.write(key, data, expected);
    if (!written.ok) return written;
    return ok(written.value.kind === 'conflict' ? 'conflict' : written.value.revision);
  }

  async #list(prefix: string, withData: boolean): Promise<Result<readonly RawEntry[], BusFailure>> {
    if (!isKeyPrefix(prefix)) return err(busFailure('refused', 'expected a prefix of keys'));
    const listed = await this.#raw.list(filterOf(prefix), withData);
    return listed.ok ? ok(listed.value.filter((entry) => entry.key.startsWith(prefix))) : listed;
  }
}

/** Filter for whole tokens of a prefix; what it lets through beyond the prefix is sorted out here. */
function filterOf(prefix: string): string {
  return `${prefix.slice(0, prefix.lastIndexOf('.') + 1)}>`;
}

/** No key has such a prefix, and none ever will. */
function watchNothing(watcher: BucketWatcher<never>): BucketWatch {
  queueMicrotask(() => watcher.ready?.());
  return { stop: () => {} };
}

function checkKey(key: string): Result<void, BusFailure> {
  if (key.length <= maxSubjectLength && keyShape.test(key)) return ok(undefined);
  return err(busFailure('refused', `expected a key of at most ${maxSubjectLength} characters in [-/_=.a-zA-Z0-9]`));
}
