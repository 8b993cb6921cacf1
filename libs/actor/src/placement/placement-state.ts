import { preference } from './fair-share.ts';
import type { PlacementRules } from './placement-rules.ts';

/**
 * What a shard is to this instance; whose the others are, the table says.
 * - `idle`: not ours; not to be claimed before `restUntil`, where taking it over failed.
 * - `owned`: ours as long as our lease runs.
 * - `yielding`: no longer ours by our own will; it stays ours in the table until the hook is done (`isDone`).
 */
export type ShardState =
  | { readonly kind: 'idle'; readonly restUntil: number }
  | { readonly kind: 'owned'; readonly epoch: number }
  | { readonly kind: 'yielding'; readonly epoch: number; readonly restUntil: number; readonly isDone: boolean };

/** Our own lease. */
export interface LeaseState {
  /** As it stands in the store, as far as we know; undefined when it does not. */
  readonly revision: number | undefined;
  /** Until when it is surely ours: counted from when the last confirmed write was sent. */
  readonly deadline: number;
  readonly isWriting: boolean;
  /** A write failed since the last that was confirmed: the store may have been away for others too. */
  readonly isTroubled: boolean;
  /** Before that, no lease of others is ended: the store has just come back, and they may be about to say so. */
  readonly graceUntil: number;
}

/** Another instance, by its lease. */
export interface Peer {
  /** 0 when the table names it and no lease of it was told of. */
  readonly revision: number;
  readonly storedAt: number;
  readonly seenAt: number;
  readonly duration: number;
  readonly isDraining: boolean;
  /** When to end its lease unless it is renewed; Infinity while that is under way. */
  readonly fenceAt: number;
}

/** Whose a shard is by the table. */
export interface Holder {
  readonly owner: string;
  readonly epoch: number;
}

/** The table of the service as it was last told; revision 0: there is none. */
export interface TableState {
  readonly revision: number;
  readonly holders: ReadonlyMap<number, Holder>;
}

/** A write of the table that is on its way. */
export interface TableWrite {
  readonly claims: readonly number[];
}

/** Everything an instance knows of the placement of its service. */
export interface PlacementState {
  readonly rules: PlacementRules;
  /** All shards in the order in which this instance likes them. */
  readonly preference: readonly number[];
  /** `draining` gives everything up; `gone` has, and its lease is deleted. */
  readonly phase: 'active' | 'draining' | 'gone';
  readonly lease: LeaseState;
  readonly peers: ReadonlyMap<string, Peer>;
  /** Instances whose lease was deleted, and at which revision, as long as the table may name them. */
  readonly ended: ReadonlyMap<string, number>;
  readonly table: TableState;
  readonly writing: TableWrite | undefined;
  /** A revision of the table over which nothing can be written, since another was first. */
  readonly staleRevision: number | undefined;
  readonly shards: readonly ShardState[];
  /** Whether all that existed when the watch began has been told. */
  readonly isReady: boolean;
  /** Whether our own lease has been told: with that, all who came before us have been. */
  readonly isRecognised: boolean;
  /** When the next renewal is due. */
  readonly nextRound: number;
}

/** An instance that knows nothing yet. */
export function initialPlacement(rules: PlacementRules, now: number): PlacementState {
  return {
    rules,
    preference: preference(rules.instance, rules.shards),
    phase: 'active',
    lease: { revision: undefined, deadline: now, isWriting: false, isTroubled: false, graceUntil: now },
    peers: new Map(),
    ended: new Map(),
    table: { revision: 0, holders: new Map() },
    writing: undefined,
    staleRevision: undefined,
    shards: Array.from({ length: rules.shards }, () => ({ kind: 'idle', restUntil: now })),
    isReady: false,
    isRecognised: false,
    nextRound: now,
  };
}

/** Whether this epoch of a shard is ours at `now`; the question before every effect. */
export function holds({ shards, lease }: PlacementState, shard: number, epoch: number, now: number): boolean {
  const at = shards[shard];
  return at?.kind === 'owned' && at.epoch === epoch && now < lease.deadline;
}

/** When the core wants its next tick: the next round, the end of our lease, or of that of another who says nothing. */
export function nextTick({ nextRound, lease, shards, peers, phase }: PlacementState): number {
  let next = nextRound;
  if (lease.deadline < next && shards.some(({ kind }) => kind === 'owned')) next = lease.deadline;
  if (phase === 'active' && !lease.isTroubled && lease.deadline >= next)
    for (const { fenceAt } of peers.values()) next = Math.min(next, Math.max(fenceAt, lease.graceUntil));
  return next;
}
