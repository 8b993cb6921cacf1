import type { Bucket, BucketEvent } from './bucket.ts';

/** A watch that runs until it is disposed of. */
export interface Following extends Disposable {
  /** Settles once all that existed when it began has been told. */
  readonly filled: Promise<void>;
}

/**
 * Follows a bucket for whoever keeps a copy of it: all that exists is told, then every change.
 *
 * @param prefix - of the keys that are followed; all by default
 */
export function followBucket<T>(
  bucket: Pick<Bucket<T>, 'watch'>,
  changed: (event: BucketEvent<T>) => void,
  prefix = '',
): Following {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const ready = (): void => {
    resolve(undefined);
  };
  const watch = bucket.watch(prefix, { changed, ready });
  return {
    filled: promise,
    [Symbol.dispose]: () => {
      watch.stop();
    },
  };
}
