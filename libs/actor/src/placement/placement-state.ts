import type { PlacementRules } from './placement-rules.ts';

/**
 * What an instance knows of one shard.
 * - `free`: nobody's, as of the last look.
 * - `foreign`: somebody's; `seenAt` is when this revision was seen first.
 * - `claiming`: a create is on its way, sent at `sentAt`.
 * - `owned`: ours until `deadline`; `renewing` while a renewal is on its way.
 * - `yielding`: no longer ours by our own will; the record still stands until the hook is done and the delete answered,
 *   and is not claimed again before `restUntil`.
 * - `resting`: not to be claimed before `until`, because taking over failed here.
 */
export type ShardState =
  | { readonly kind: 'free' }
  | { readonly kind: 'foreign'; readonly revision: number; readonly seenAt: number }
  | { readonly kind: 'claiming'; readonly sentAt: number }
  | {
      readonly kind: 'owned';
      readonly epoch: number;
      readonly revision: number;
      readonly deadline: number;
      readonly renewing: boolean;
    }
  | { readonly kind: 'yielding'; readonly epoch: number; readonly revision: number; readonly restUntil: number }
  | { readonly kind: 'resting'; readonly until: number };

/** Our own presence record: not there, being written, or standing at a revision. */
export type PresenceState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'writing'; readonly revision: number | undefined }
  | { readonly kind: 'standing'; readonly revision: number };

/** Another instance, as of the last look; `seenAt` is when this revision was seen first. */
export interface Peer {
  readonly revision: number;
  readonly seenAt: number;
  readonly draining: boolean;
}

/** Everything an instance knows of the placement of its service. */
export interface PlacementState {
  readonly rules: PlacementRules;
  /** `draining` gives everything up; `gone` has, and its presence record is deleted. */
  readonly phase: 'active' | 'draining' | 'gone';
  readonly presence: PresenceState;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly shards: readonly ShardState[];
  /** Whether the store has been looked at since our presence was written: before, the share is not known. */
  readonly informed: boolean;
  /** When the next renewal and look are due. */
  readonly nextRound: number;
}

/** An instance that has not looked at anything yet. */
export function initialPlacement(rules: PlacementRules, now: number): PlacementState {
  return {
    rules,
    phase: 'active',
    presence: { kind: 'absent' },
    peers: new Map(),
    shards: Array.from({ length: rules.shards }, () => ({ kind: 'free' })),
    informed: false,
    nextRound: now,
  };
}

/** Whether this epoch of a shard is ours at `now`; the question before every effect. */
export function holds(state: PlacementState, shard: number, epoch: number, now: number): boolean {
  const at = state.shards[shard];
  return at?.kind === 'owned' && at.epoch === epoch && now < at.deadline;
}

/** When the core wants its next tick: the next round, or the first moment at which a lease of ours is over. */
export function nextTick(state: PlacementState): number {
  let next = state.nextRound;
  for (const shard of state.shards) if (shard.kind === 'owned' && shard.deadline < next) next = shard.deadline;
  return next;
}
