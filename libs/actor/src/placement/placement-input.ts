import type { LeaseEntry, LeaseRecord } from './lease-store.ts';

/** What is to be written, and over what. */
export type LeaseOrder =
  | { readonly kind: 'create'; readonly record: LeaseRecord }
  | { readonly kind: 'update'; readonly record: LeaseRecord; readonly revision: number }
  | { readonly kind: 'delete'; readonly revision: number };

/** What a write is about: our own lease, the table of shards, or the lease of another that is to be ended. */
export type WriteTarget =
  { readonly kind: 'lease' } | { readonly kind: 'table' } | { readonly kind: 'fence'; readonly instance: string };

/** A write as the core orders it; it comes back with its outcome. */
export interface WriteEffect {
  readonly kind: 'write';
  readonly target: WriteTarget;
  readonly key: string;
  readonly order: LeaseOrder;
  /** When it was ordered: a lease counts from here, not from when the store has it. */
  readonly sentAt: number;
}

/** What became of a write. `unknown` is a TransportFailure: it may or may not stand. */
export type WriteOutcome =
  { readonly kind: 'done'; readonly revision: number } | { readonly kind: 'conflict' } | { readonly kind: 'unknown' };

/** Why a shard is ours no more. */
export type LossReason = 'yielded' | 'expired' | 'conflict' | 'takeover-failed';

/** What the shell is to do. */
export type PlacementEffect =
  | WriteEffect
  | { readonly kind: 'acquired'; readonly shard: number; readonly epoch: number }
  | { readonly kind: 'lost'; readonly shard: number; readonly epoch: number; readonly reason: LossReason }
  | { readonly kind: 'gone' };

/** What happened, and when by the monotonic clock. */
export type PlacementInput = { readonly now: number } & (
  | { readonly kind: 'tick' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'told'; readonly entry: LeaseEntry }
  | { readonly kind: 'deleted'; readonly key: string; readonly revision: number | undefined }
  | { readonly kind: 'wrote'; readonly effect: WriteEffect; readonly outcome: WriteOutcome }
  | { readonly kind: 'handed-over'; readonly shard: number; readonly epoch: number }
  | { readonly kind: 'takeover-failed'; readonly shard: number; readonly epoch: number }
);
