import type { Holding, LeaseEntry } from './lease-store.ts';
import type { PlacementDraft } from './placement-draft.ts';
import type { WriteEffect, WriteOutcome } from './placement-input.ts';
import { meetStrangers } from './placement-peers.ts';
import type { Holder, TableState } from './placement-state.ts';

/** Takes over what the store shows of the table; what it gives to others is not ours. */
export function readTable(draft: PlacementDraft, { record, revision }: Pick<LeaseEntry, 'record' | 'revision'>): void {
  if (record.kind !== 'table' || revision <= draft.table.revision) return;
  adopt(draft, { revision, holders: holdersIn(record.holdings, revision) });
}

/** The table is gone, which only a store that was lost can show. */
export function tableLost(draft: PlacementDraft): void {
  adopt(draft, { revision: 0, holders: new Map() });
}

function adopt(draft: PlacementDraft, table: TableState): void {
  draft.table = table;
  draft.staleRevision = undefined;
  meetStrangers(draft);
  draft.shards.forEach((at, shard) => {
    const isOurs = at.kind !== 'idle' && draft.isHeld(shard, at.epoch);
    if (at.kind === 'owned' && !isOurs) draft.forfeit(shard, 'conflict');
    else if (at.kind === 'yielding' && at.isDone && !isOurs)
      draft.shards[shard] = { kind: 'idle', restUntil: at.restUntil };
  });
}

function holdersIn(holdings: readonly Holding[], revision: number): ReadonlyMap<number, Holder> {
  return new Map(holdings.map(({ shard, owner, epoch }) => [shard, { owner, epoch: epoch === 0 ? revision : epoch }]));
}

/** Writes the table over the one that was told: with our claims, and without what we release and what the dead held. */
export function writeTable(draft: PlacementDraft, claims: readonly number[], releases: readonly number[]): void {
  const { table, rules } = draft;
  const next = new Map([...table.holders].filter(([shard]) => draft.heldBy(shard) !== undefined));
  for (const shard of releases) next.delete(shard);
  for (const shard of claims) next.set(shard, { owner: rules.instance, epoch: 0 });
  const record = { kind: 'table', holdings: [...next].map(([shard, holder]) => ({ shard, ...holder })) } as const;
  draft.writing = { claims };
  const { revision } = table;
  draft.write({ kind: 'table' }, revision === 0 ? { kind: 'create', record } : { kind: 'update', record, revision });
}

/** What became of our table: the claims in it are ours if it stands and our lease runs. */
export function wroteTable(draft: PlacementDraft, { order }: WriteEffect, outcome: WriteOutcome): void {
  const { writing } = draft;
  if (writing === undefined) return;
  draft.writing = undefined;
  if (outcome.kind !== 'done') {
    const over = order.kind === 'update' ? order.revision : 0;
    if (over === draft.table.revision) draft.staleRevision = over;
    return;
  }
  const { revision } = outcome;
  if (order.kind !== 'delete') readTable(draft, { record: order.record, revision });
  for (const shard of writing.claims) own(draft, shard, revision);
}

/** One that came too late stays ours in the table, to be claimed again or given back. */
function own(draft: PlacementDraft, shard: number, epoch: number): void {
  if (draft.phase !== 'active' || !draft.isAlive || !draft.isHeld(shard, epoch)) return;
  draft.shards[shard] = { kind: 'owned', epoch };
  draft.effects.push({ kind: 'acquired', shard, epoch });
}
