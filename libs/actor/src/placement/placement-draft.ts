import type { LeaseOrder, LossReason, PlacementEffect, WriteTarget } from './placement-input.ts';
import { leaseKey, tableKey } from './placement-rules.ts';
import type {
  Holder,
  LeaseState,
  Peer,
  PlacementState,
  ShardState,
  TableState,
  TableWrite,
} from './placement-state.ts';

/** A state in the making during one input, with the effects gathered on the way; it never leaves the core. */
export class PlacementDraft {
  readonly now: number;
  readonly effects: PlacementEffect[] = [];
  readonly rules: PlacementState['rules'];
  readonly preference: readonly number[];
  readonly shards: ShardState[];
  readonly peers: Map<string, Peer>;
  readonly ended: Map<string, number>;
  phase: PlacementState['phase'];
  lease: LeaseState;
  table: TableState;
  writing: TableWrite | undefined;
  staleRevision: number | undefined;
  isReady: boolean;
  isRecognised: boolean;
  nextRound: number;

  constructor(state: PlacementState, now: number) {
    this.now = now;
    this.rules = state.rules;
    this.preference = state.preference;
    this.shards = [...state.shards];
    this.peers = new Map(state.peers);
    this.ended = new Map(state.ended);
    this.phase = state.phase;
    this.lease = state.lease;
    this.table = state.table;
    this.writing = state.writing;
    this.staleRevision = state.staleRevision;
    this.isReady = state.isReady;
    this.isRecognised = state.isRecognised;
    this.nextRound = state.nextRound;
  }

  /** The state that it has become. */
  finished(): PlacementState {
    const { rules, preference, phase, lease, peers, ended, table, writing, staleRevision } = this;
    const { shards, isReady, isRecognised, nextRound } = this;
    return {
      ...{ rules, preference, phase, lease, peers, ended, table, writing, staleRevision },
      ...{ shards, isReady, isRecognised, nextRound },
    };
  }

  /** Whether we may act for what is ours, and against others whose leases are over. */
  get isAlive(): boolean {
    return this.now < this.lease.deadline;
  }

  write(target: WriteTarget, order: LeaseOrder): void {
    const key =
      target.kind === 'table'
        ? tableKey(this.rules)
        : leaseKey(this.rules, target.kind === 'fence' ? target.instance : this.rules.instance);
    this.effects.push({ kind: 'write', target, key, order, sentAt: this.now });
  }

  /** Gives a shard up by our own will: the hook first, and the line of the table only when that is done. */
  yieldShard(shard: number, reason: LossReason, restUntil = this.now): void {
    const at = this.shards[shard];
    if (at?.kind !== 'owned') return;
    this.shards[shard] = { kind: 'yielding', epoch: at.epoch, restUntil, isDone: false };
    this.effects.push({ kind: 'lost', shard, epoch: at.epoch, reason });
  }

  /** Takes note that a shard stopped being ours without our will. */
  forfeit(shard: number, reason: LossReason): void {
    const at = this.shards[shard];
    if (at?.kind !== 'owned') return;
    this.shards[shard] = { kind: 'idle', restUntil: this.now };
    this.effects.push({ kind: 'lost', shard, epoch: at.epoch, reason });
  }

  forfeitAll(reason: LossReason): void {
    for (const shard of this.shards.keys()) this.forfeit(shard, reason);
  }

  /** Whether the table gives a shard to somebody whose lease is not known to be over. */
  heldBy(shard: number): Holder | undefined {
    const holder = this.table.holders.get(shard);
    return holder === undefined || this.isOver(holder) ? undefined : holder;
  }

  /** Whether the table gives us a shard by this very ownership. */
  isHeld(shard: number, epoch: number): boolean {
    const holder = this.table.holders.get(shard);
    return holder?.owner === this.rules.instance && holder.epoch === epoch;
  }

  /** Whether the lease under which this was claimed was deleted since. */
  isOver({ owner, epoch }: Holder): boolean {
    return epoch < (this.ended.get(owner) ?? 0);
  }

  count(kind: ShardState['kind']): number {
    return this.shards.reduce((count, shard) => count + (shard.kind === kind ? 1 : 0), 0);
  }
}
