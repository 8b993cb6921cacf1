import type { LeaseOrder, LeaseTarget, LossReason, PlacementEffect } from './placement-input.ts';
import type { Peer, PlacementState, PresenceState, ShardState } from './placement-state.ts';

/** A state in the making during one input, with the effects gathered on the way; it never leaves the core. */
export class PlacementDraft {
  readonly now: number;
  readonly effects: PlacementEffect[] = [];
  readonly shards: ShardState[];
  readonly rules: PlacementState['rules'];
  phase: PlacementState['phase'];
  presence: PresenceState;
  peers: ReadonlyMap<string, Peer>;
  informed: boolean;
  nextRound: number;

  constructor(state: PlacementState, now: number) {
    this.now = now;
    this.shards = [...state.shards];
    this.rules = state.rules;
    this.phase = state.phase;
    this.presence = state.presence;
    this.peers = state.peers;
    this.informed = state.informed;
    this.nextRound = state.nextRound;
  }

  /** The state that it has become. */
  finished(): PlacementState {
    const { rules, phase, presence, peers, shards, informed, nextRound } = this;
    return { rules, phase, presence, peers, shards, informed, nextRound };
  }

  write(target: LeaseTarget, order: LeaseOrder, epoch = 0): void {
    const draining = this.phase !== 'active';
    this.effects.push({ kind: 'write', target, order, epoch, draining, sentAt: this.now });
  }

  look(): void {
    this.effects.push({ kind: 'look' });
  }

  lose(shard: number, epoch: number, reason: LossReason): void {
    this.effects.push({ kind: 'lost', shard, epoch, reason });
  }

  /** Gives a shard up: the hook first, and the record only when that is done. */
  yieldShard(shard: number, reason: LossReason, restUntil = 0): void {
    const at = this.shards[shard];
    if (at?.kind !== 'owned') return;
    this.shards[shard] = { kind: 'yielding', epoch: at.epoch, revision: at.revision, restUntil };
    this.lose(shard, at.epoch, reason);
  }

  /** Takes note that a shard stopped being ours without our will. */
  forfeit(shard: number, reason: LossReason): void {
    const at = this.shards[shard];
    if (at?.kind !== 'owned') return;
    this.shards[shard] = { kind: 'foreign', revision: at.revision, seenAt: this.now };
    this.lose(shard, at.epoch, reason);
  }

  count(kind: ShardState['kind']): number {
    return this.shards.reduce((count, shard) => count + (shard.kind === kind ? 1 : 0), 0);
  }
}
