export type { CommandLog, DoneCommand } from './command-log.ts';
export { recallCommand, recordCommand } from './command-log.ts';
export type {
  Holding,
  InstanceLease,
  LeaseConflict,
  LeaseEntry,
  LeaseRecord,
  LeaseStore,
  LeaseWatcher,
  LeaseWrite,
  ShardTable,
} from './placement/lease-store.ts';
export { MemoryLeaseStore } from './placement/memory-lease-store.ts';
export type { Ownership } from './placement/ownership.ts';
export { advancePlacement } from './placement/placement-core.ts';
export type {
  LeaseOrder,
  LossReason,
  PlacementEffect,
  PlacementInput,
  WriteEffect,
  WriteOutcome,
  WriteTarget,
} from './placement/placement-input.ts';
export type { PlacementRules } from './placement/placement-rules.ts';
export { placementRules } from './placement/placement-rules.ts';
export type { PlacementState } from './placement/placement-state.ts';
export { holds, initialPlacement, nextTick } from './placement/placement-state.ts';
export type { PlacementHooks, PlacementObserver, PlacementOptions } from './placement/placement.ts';
export { Placement } from './placement/placement.ts';
export { shardCount, shardOf } from './placement/shard-of.ts';
export { Rounds } from './rounds.ts';
export type { ActorContext, ActorReplies, ActorSelf, ActorSteps, ActorTimers } from './runtime/actor-context.ts';
export type { ActorKind } from './runtime/actor-kind.ts';
export type { ActorSystemOptions } from './runtime/actor-system.ts';
export { ActorSystem } from './runtime/actor-system.ts';
export type { Actors } from './runtime/actors.ts';
export type {
  ActorCounts,
  ActorObserver,
  Crash,
  CrashPhase,
  DeadLetter,
  DeadLetterReason,
} from './runtime/observer.ts';
export type { AskFailure } from './runtime/reply-slot.ts';
export type { Directive, RestartHistory, Supervision, Verdict } from './runtime/supervision.ts';
export { restartThenStop, supervise } from './runtime/supervision.ts';
