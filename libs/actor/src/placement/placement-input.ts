import type { LeaseEntry } from './lease-store.ts';

/** The record that a write is about: a shard's lease, or our own presence. */
export type LeaseTarget = { readonly kind: 'shard'; readonly shard: number } | { readonly kind: 'presence' };

/** What is to be written, and what it is written over. */
export type LeaseOrder =
  | { readonly kind: 'create' }
  | { readonly kind: 'update'; readonly revision: number }
  | { readonly kind: 'delete'; readonly revision: number };

/** A write as the core orders it; it comes back with its outcome. */
export interface WriteEffect {
  readonly kind: 'write';
  readonly target: LeaseTarget;
  readonly order: LeaseOrder;
  /** Epoch of the ownership that the write belongs to; 0 for a claim and for presence. */
  readonly epoch: number;
  readonly draining: boolean;
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
  | { readonly kind: 'look' }
  | { readonly kind: 'acquired'; readonly shard: number; readonly epoch: number }
  | { readonly kind: 'lost'; readonly shard: number; readonly epoch: number; readonly reason: LossReason }
  | { readonly kind: 'gone' };

/** What happened, and when by the monotonic clock. */
export type PlacementInput = { readonly now: number } & (
  | { readonly kind: 'tick' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'listed'; readonly entries: readonly LeaseEntry[] }
  | { readonly kind: 'wrote'; readonly effect: WriteEffect; readonly outcome: WriteOutcome }
  | { readonly kind: 'handed-over'; readonly shard: number; readonly epoch: number }
  | { readonly kind: 'takeover-failed'; readonly shard: number; readonly epoch: number }
);
