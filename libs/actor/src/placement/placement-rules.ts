import { shardCount } from './shard-of.ts';

/** The numbers by which an instance takes, keeps and gives up shards; all times in milliseconds. */
export interface PlacementRules {
  /** Service whose shards these are, one key token, e.g. `focus`. */
  readonly service: string;
  /** This instance, one key token, unique per start of the process: a new life must not inherit the shards of the last. */
  readonly instance: string;
  /** Shards of the service. */
  readonly shards: number;
  /** How long an instance that says nothing keeps its shards. */
  readonly lease: number;
  /**
   * How much earlier than others an owner thinks its lease over. Covers the drift of clocks within one lease and the time
   * between the last look at {@link Ownership.isValid} and the effect.
   */
  readonly margin: number;
}

/** Lease time when nobody says: an instance that dies is replaced in about this time. */
export const defaultLease = 9000;

/** Rules with the usual numbers: 64 shards, 9 s leases, a tenth of the lease as margin. */
export function placementRules(service: string, instance: string, lease = defaultLease): PlacementRules {
  return { service, instance, shards: shardCount, lease, margin: lease / 10 };
}

/** Milliseconds between renewals. */
export function renewalPeriod(rules: PlacementRules): number {
  return rules.lease / 3;
}

/** Milliseconds before what failed is tried again: often enough that a store that was away costs no lease. */
export function retryPause(rules: PlacementRules): number {
  return rules.lease / 15;
}

/** Where all records of a service stand. */
export function keyPrefix(rules: PlacementRules): string {
  return `${rules.service}.`;
}

/** Key of the table that says whose each shard is. */
export function tableKey(rules: PlacementRules): string {
  return `${rules.service}.shards`;
}

/** Key of the lease of an instance. */
export function leaseKey(rules: PlacementRules, instance = rules.instance): string {
  return `${rules.service}.instance.${instance}`;
}

/** Whose lease stands under a key; undefined when none does. */
export function instanceOf(rules: PlacementRules, key: string): string | undefined {
  const prefix = leaseKey(rules, '');
  return key.startsWith(prefix) ? key.slice(prefix.length) : undefined;
}
