import { shardCount } from './shard-of.ts';

/** The numbers by which an instance takes, keeps and gives up shards; all times in milliseconds. */
export interface PlacementRules {
  /** Service whose shards these are, one key token, e.g. `focus`. */
  readonly service: string;
  /** This instance, one key token, unique per start of the process: a new life must not inherit the leases of the last. */
  readonly instance: string;
  /** Shards of the service. */
  readonly shards: number;
  /** How long the store keeps a record that is not renewed; the time-to-live of the bucket. */
  readonly lease: number;
  /**
   * How much earlier than the store an owner thinks its lease over, and how much later another thinks so. Covers the drift
   * of clocks within one lease and the time between the last look at {@link Ownership.isValid} and the effect.
   */
  readonly margin: number;
}

/** Lease time when nobody says: an instance that dies is replaced in about this time. */
export const defaultLease = 9000;

/** Rules with the usual numbers: 64 shards, 9 s leases, a tenth of the lease as margin. */
export function placementRules(service: string, instance: string, lease = defaultLease): PlacementRules {
  return { service, instance, shards: shardCount, lease, margin: lease / 10 };
}

/** Milliseconds between renewals, and between looks at the store. */
export function renewalPeriod(rules: PlacementRules): number {
  return rules.lease / 3;
}

/** Where all records of a service stand. */
export function keyPrefix(rules: PlacementRules): string {
  return `${rules.service}.`;
}

/** Key of a shard's lease. */
export function shardKey(rules: PlacementRules, shard: number): string {
  return `${rules.service}.shard.${shard}`;
}

/** Key of the record by which an instance says that it is there. */
export function presenceKey(rules: PlacementRules, instance = rules.instance): string {
  return `${rules.service}.instance.${instance}`;
}

/** What a key of this service stands for; undefined when it is none. */
export function readKey(
  rules: PlacementRules,
  key: string,
): { readonly shard: number } | { readonly instance: string } | undefined {
  const shardPrefix = `${rules.service}.shard.`;
  const instancePrefix = `${rules.service}.instance.`;
  if (key.startsWith(instancePrefix)) return { instance: key.slice(instancePrefix.length) };
  if (!key.startsWith(shardPrefix)) return undefined;
  const shard = Number(key.slice(shardPrefix.length));
  return Number.isInteger(shard) && shard >= 0 && shard < rules.shards ? { shard } : undefined;
}
