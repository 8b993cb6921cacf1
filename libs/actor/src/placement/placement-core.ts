import { assertNever } from '@parley/prelude';
import type { LeaseEntry } from './lease-store.ts';
import { balance } from './placement-balance.ts';
import { PlacementDraft } from './placement-draft.ts';
import type { PlacementEffect, PlacementInput, WriteEffect, WriteOutcome } from './placement-input.ts';
import { leaseEnded, leaveWhenDone, recognise, renew, wroteLease } from './placement-lease.ts';
import { fenced, fenceSilent, meet, part } from './placement-peers.ts';
import { instanceOf, tableKey } from './placement-rules.ts';
import type { PlacementState } from './placement-state.ts';
import { readTable, tableLost, wroteTable } from './placement-table.ts';

/**
 * The placement of one service's shards as one instance decides it. A lease that is over is noticed before anything else is
 * considered, so that an instance that slept past it wakes to the loss.
 */
export function advancePlacement(
  state: PlacementState,
  input: PlacementInput,
): readonly [PlacementState, readonly PlacementEffect[]] {
  if (state.phase === 'gone') return [state, []];
  const draft = new PlacementDraft(state, input.now);
  if (!draft.isAlive) draft.forfeitAll('expired');
  apply(draft, input);
  fenceSilent(draft);
  balance(draft);
  leaveWhenDone(draft);
  return [draft.finished(), draft.effects];
}

function apply(draft: PlacementDraft, input: PlacementInput): void {
  switch (input.kind) {
    case 'tick':
      if (input.now >= draft.nextRound) round(draft);
      return;
    case 'drain':
      drain(draft);
      return;
    case 'ready':
      draft.isReady = true;
      return;
    case 'told':
      told(draft, input.entry);
      return;
    case 'deleted':
      deleted(draft, input.key, input.revision);
      return;
    case 'wrote':
      wrote(draft, input.effect, input.outcome);
      return;
    case 'handed-over':
      handedOver(draft, input.shard, input.epoch);
      return;
    case 'takeover-failed':
      takeoverFailed(draft, input.shard, input.epoch);
      return;
    default:
      assertNever(input);
  }
}

function round(draft: PlacementDraft): void {
  draft.staleRevision = undefined;
  renew(draft);
}

function drain(draft: PlacementDraft): void {
  if (draft.phase !== 'active') return;
  draft.phase = 'draining';
  for (const shard of draft.shards.keys()) draft.yieldShard(shard, 'yielded');
  renew(draft);
}

function told(draft: PlacementDraft, entry: LeaseEntry): void {
  if (entry.key === tableKey(draft.rules)) readTable(draft, entry);
  else {
    const instance = instanceOf(draft.rules, entry.key);
    if (instance === draft.rules.instance) recognise(draft, entry);
    else if (instance !== undefined) meet(draft, instance, entry);
  }
}

function deleted(draft: PlacementDraft, key: string, revision: number | undefined): void {
  if (key === tableKey(draft.rules)) tableLost(draft);
  else {
    const instance = instanceOf(draft.rules, key);
    if (instance === draft.rules.instance) leaseEnded(draft, revision);
    else if (instance !== undefined) part(draft, instance, revision);
  }
}

function wrote(draft: PlacementDraft, effect: WriteEffect, outcome: WriteOutcome): void {
  if (effect.target.kind === 'lease') wroteLease(draft, effect, outcome);
  else if (effect.target.kind === 'table') wroteTable(draft, effect, outcome);
  else fenced(draft, effect.target.instance, effect, outcome);
}

function handedOver(draft: PlacementDraft, shard: number, epoch: number): void {
  const at = draft.shards[shard];
  if (at?.kind !== 'yielding' || at.epoch !== epoch) return;
  const { restUntil } = at;
  draft.shards[shard] = draft.isHeld(shard, epoch) ? { ...at, isDone: true } : { kind: 'idle', restUntil };
}

function takeoverFailed(draft: PlacementDraft, shard: number, epoch: number): void {
  const at = draft.shards[shard];
  if (at?.kind === 'owned' && at.epoch === epoch) {
    draft.yieldShard(shard, 'takeover-failed', draft.now + draft.rules.lease);
  }
}
