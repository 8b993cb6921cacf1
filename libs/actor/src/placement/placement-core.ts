import { assertNever } from '@parley/prelude';
import { balance, isOver } from './placement-balance.ts';
import { PlacementDraft } from './placement-draft.ts';
import type { PlacementEffect, PlacementInput, WriteEffect, WriteOutcome } from './placement-input.ts';
import { takeNote } from './placement-look.ts';
import { renewalPeriod } from './placement-rules.ts';
import type { PlacementState } from './placement-state.ts';

/**
 * The placement of one service's shards as one instance decides it. Leases that are over are given up before anything
 * else is considered, so that an instance that slept past them wakes to the loss.
 */
export function advancePlacement(
  state: PlacementState,
  input: PlacementInput,
): readonly [PlacementState, readonly PlacementEffect[]] {
  if (state.phase === 'gone') return [state, []];
  const draft = new PlacementDraft(state, input.now);
  dropExpired(draft);
  apply(draft, input);
  leaveWhenDone(draft);
  return [draft.finished(), draft.effects];
}

function apply(draft: PlacementDraft, input: PlacementInput): void {
  switch (input.kind) {
    case 'tick':
      if (input.now >= draft.nextRound) round(draft);
      return;
    case 'changed':
      draft.look();
      return;
    case 'drain':
      drain(draft);
      return;
    case 'listed':
      takeNote(draft, input.entries);
      balance(draft);
      return;
    case 'wrote':
      if (input.effect.target.kind === 'presence') wrotePresence(draft, input.effect, input.outcome);
      else wroteShard(draft, input.effect.target.shard, input.effect, input.outcome);
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

function dropExpired(draft: PlacementDraft): void {
  draft.shards.forEach((at, shard) => {
    if (at.kind === 'owned' && draft.now >= at.deadline) draft.forfeit(shard, 'expired');
    // The store answers within half a lease; an answer that never comes must not keep the shard from being claimed.
    if (at.kind === 'claiming' && isOver(draft, at.sentAt)) draft.shards[shard] = { kind: 'free' };
  });
}

/** One round: renew what is ours, say that we are there, look at the others. */
function round(draft: PlacementDraft): void {
  draft.nextRound = draft.now + renewalPeriod(draft.rules);
  draft.shards.forEach((at, shard) => {
    if (at.kind !== 'owned' || at.renewing) return;
    draft.shards[shard] = { ...at, renewing: true };
    draft.write({ kind: 'shard', shard }, { kind: 'update', revision: at.revision }, at.epoch);
  });
  announce(draft);
  draft.look();
}

function announce(draft: PlacementDraft): void {
  const { presence } = draft;
  if (presence.kind === 'writing') return;
  const revision = presence.kind === 'standing' ? presence.revision : undefined;
  draft.presence = { kind: 'writing', revision };
  draft.write({ kind: 'presence' }, revision === undefined ? { kind: 'create' } : { kind: 'update', revision });
}

function drain(draft: PlacementDraft): void {
  if (draft.phase !== 'active') return;
  draft.phase = 'draining';
  draft.shards.forEach((_, shard) => {
    draft.yieldShard(shard, 'yielded');
  });
  announce(draft);
}

function wrotePresence(draft: PlacementDraft, effect: WriteEffect, outcome: WriteOutcome): void {
  if (effect.order.kind === 'delete') {
    draft.phase = 'gone';
    draft.presence = { kind: 'absent' };
    draft.effects.push({ kind: 'gone' });
    return;
  }
  draft.presence = outcome.kind === 'done' ? { kind: 'standing', revision: outcome.revision } : { kind: 'absent' };
  if (outcome.kind !== 'done') return;
  if (effect.order.kind === 'create') draft.look();
  if (draft.phase === 'draining' && !effect.draining) announce(draft);
}

function wroteShard(draft: PlacementDraft, shard: number, effect: WriteEffect, outcome: WriteOutcome): void {
  if (effect.order.kind === 'create') claimed(draft, shard, effect, outcome);
  else if (effect.order.kind === 'update') renewed(draft, shard, effect, outcome);
  else deleted(draft, shard, effect, outcome);
}

function claimed(draft: PlacementDraft, shard: number, effect: WriteEffect, outcome: WriteOutcome): void {
  const at = draft.shards[shard];
  if (at?.kind !== 'claiming' || at.sentAt !== effect.sentAt) return;
  if (outcome.kind === 'unknown') draft.shards[shard] = { kind: 'free' };
  else if (outcome.kind === 'conflict') draft.shards[shard] = { kind: 'foreign', revision: 0, seenAt: draft.now };
  else own(draft, shard, effect.sentAt, outcome.revision);
}

function own(draft: PlacementDraft, shard: number, sentAt: number, revision: number): void {
  const deadline = deadlineOf(draft, sentAt);
  if (draft.now >= deadline || draft.phase !== 'active') {
    draft.shards[shard] = { kind: 'yielding', epoch: revision, revision, restUntil: 0 };
    draft.write({ kind: 'shard', shard }, { kind: 'delete', revision }, revision);
    return;
  }
  draft.shards[shard] = { kind: 'owned', epoch: revision, revision, deadline, renewing: false };
  draft.effects.push({ kind: 'acquired', shard, epoch: revision });
}

function renewed(draft: PlacementDraft, shard: number, effect: WriteEffect, outcome: WriteOutcome): void {
  const at = draft.shards[shard];
  if (at === undefined || !('epoch' in at) || at.epoch !== effect.epoch) return;
  if (at.kind === 'yielding') {
    if (outcome.kind === 'done') draft.shards[shard] = { ...at, revision: outcome.revision };
  } else if (outcome.kind === 'done') {
    const deadline = deadlineOf(draft, effect.sentAt);
    draft.shards[shard] = { ...at, revision: outcome.revision, deadline, renewing: false };
  } else if (outcome.kind === 'conflict') draft.forfeit(shard, 'conflict');
  else draft.shards[shard] = { ...at, renewing: false };
}

function deleted(draft: PlacementDraft, shard: number, effect: WriteEffect, outcome: WriteOutcome): void {
  const at = draft.shards[shard];
  if (at?.kind !== 'yielding' || at.epoch !== effect.epoch) return;
  if (outcome.kind !== 'done') draft.shards[shard] = { kind: 'foreign', revision: at.revision, seenAt: draft.now };
  else if (at.restUntil > draft.now) draft.shards[shard] = { kind: 'resting', until: at.restUntil };
  else draft.shards[shard] = { kind: 'free' };
}

function handedOver(draft: PlacementDraft, shard: number, epoch: number): void {
  const at = draft.shards[shard];
  if (at?.kind !== 'yielding' || at.epoch !== epoch) return;
  draft.write({ kind: 'shard', shard }, { kind: 'delete', revision: at.revision }, epoch);
}

function takeoverFailed(draft: PlacementDraft, shard: number, epoch: number): void {
  const at = draft.shards[shard];
  if (at?.kind === 'owned' && at.epoch === epoch) {
    draft.yieldShard(shard, 'takeover-failed', draft.now + draft.rules.lease);
  }
}

function deadlineOf(draft: PlacementDraft, sentAt: number): number {
  return sentAt + draft.rules.lease - draft.rules.margin;
}

function leaveWhenDone(draft: PlacementDraft): void {
  if (draft.phase !== 'draining' || draft.presence.kind === 'writing') return;
  if (draft.count('owned') + draft.count('claiming') + draft.count('yielding') > 0) return;
  if (draft.presence.kind === 'absent') {
    draft.phase = 'gone';
    draft.effects.push({ kind: 'gone' });
    return;
  }
  const { revision } = draft.presence;
  draft.presence = { kind: 'writing', revision };
  draft.write({ kind: 'presence' }, { kind: 'delete', revision });
}
