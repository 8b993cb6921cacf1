import { fnv1a } from './shard-of.ts';

/**
 * Shards that `instance` is to own: as many as all others, and one more for the first few by name when it does not divide.
 * Instances that see the same others come to shares that add up.
 */
export function fairShare(instance: string, others: Iterable<string>, shards: number): number {
  let count = 1;
  let rank = 0;
  for (const other of others) {
    count++;
    if (other < instance) rank++;
  }
  return Math.floor(shards / count) + (rank < shards % count ? 1 : 0);
}

/** The shards in the order in which `instance` likes them: different for each, so that claims seldom collide. */
export function preference(instance: string, shards: number): readonly number[] {
  const weight = (shard: number): number => fnv1a(`${instance}/${shard}`);
  return Array.from({ length: shards }, (_, shard) => shard).sort((a, b) => weight(a) - weight(b) || a - b);
}
