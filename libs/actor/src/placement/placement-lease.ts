import type { LeaseEntry } from './lease-store.ts';
import type { PlacementDraft } from './placement-draft.ts';
import type { WriteEffect, WriteOutcome } from './placement-input.ts';
import { recallAges } from './placement-peers.ts';
import { renewalPeriod, retryPause } from './placement-rules.ts';

/** Says that we are there: one write, however many shards are ours. */
export function renew(draft: PlacementDraft): void {
  draft.nextRound = draft.now + renewalPeriod(draft.rules);
  const { lease, phase, rules } = draft;
  if (lease.isWriting) return;
  draft.lease = { ...lease, isWriting: true };
  const record = { kind: 'lease', duration: rules.lease, isDraining: phase !== 'active' } as const;
  const { revision } = lease;
  draft.write(
    { kind: 'lease' },
    revision === undefined ? { kind: 'create', record } : { kind: 'update', record, revision },
  );
}

/** The outcome of a renewal, or of taking our lease back at the end. */
export function wroteLease(draft: PlacementDraft, { order, sentAt }: WriteEffect, outcome: WriteOutcome): void {
  draft.lease = { ...draft.lease, isWriting: false };
  if (order.kind === 'delete') left(draft, order.revision, outcome);
  else if (outcome.kind === 'done') renewed(draft, sentAt, outcome.revision, isDrainingIn(order.record));
  else failed(draft, outcome, order.kind === 'update' ? order.revision : undefined);
}

function isDrainingIn(record: LeaseEntry['record']): boolean {
  return record.kind === 'lease' && record.isDraining;
}

function renewed(draft: PlacementDraft, sentAt: number, revision: number, wasDraining: boolean): void {
  const { rules, lease, phase } = draft;
  const deadline = sentAt + rules.lease - rules.margin;
  const graceUntil = lease.isTroubled ? draft.now + renewalPeriod(rules) : lease.graceUntil;
  const newest = Math.max(revision, lease.revision ?? 0);
  draft.lease = { ...lease, revision: newest, deadline, isTroubled: false, graceUntil };
  if (phase === 'draining' && !wasDraining) renew(draft);
}

/**
 * The store did not answer, or has another revision: one of ours whose confirmation was lost, which the watch tells, or
 * none any more, which the watch tells too. Until then our deadline decides; past it, there may be nothing to tell.
 */
function failed(draft: PlacementDraft, { kind }: WriteOutcome, written: number | undefined): void {
  draft.nextRound = Math.min(draft.nextRound, draft.now + retryPause(draft.rules));
  if (kind === 'unknown') draft.lease = { ...draft.lease, isTroubled: true };
  else if (draft.lease.revision !== written) renew(draft);
  else if (!draft.isAlive) draft.lease = { ...draft.lease, revision: undefined };
}

/** Our own lease as the store has it: all who were there before it have been told of. */
export function recognise(draft: PlacementDraft, { revision, storedAt }: LeaseEntry): void {
  if (revision < (draft.lease.revision ?? 0)) return;
  draft.lease = { ...draft.lease, revision };
  draft.isRecognised = true;
  recallAges(draft, storedAt);
}

/** Somebody has ended our lease, or the store has lost it: whatever was ours is not. */
export function leaseEnded(draft: PlacementDraft, revision: number | undefined): void {
  if (draft.lease.revision === undefined || (revision ?? Infinity) < draft.lease.revision) return;
  draft.lease = { ...draft.lease, revision: undefined, deadline: Math.min(draft.lease.deadline, draft.now) };
  draft.forfeitAll('conflict');
  if (draft.phase === 'active') renew(draft);
}

/** Goes when nothing is ours any more, by deleting our lease: that frees what the table still gives us. */
export function leaveWhenDone(draft: PlacementDraft): void {
  if (draft.phase !== 'draining' || draft.lease.isWriting || draft.writing !== undefined) return;
  if (draft.shards.some((at) => at.kind === 'owned' || (at.kind === 'yielding' && !at.isDone))) return;
  const { revision } = draft.lease;
  if (revision === undefined) {
    leave(draft);
    return;
  }
  draft.lease = { ...draft.lease, isWriting: true };
  draft.write({ kind: 'lease' }, { kind: 'delete', revision });
}

/** Where our lease was another by then, and that has been told, it is tried again; what else fails, others end. */
function left(draft: PlacementDraft, revision: number, { kind }: WriteOutcome): void {
  if (kind !== 'conflict' || draft.lease.revision === revision) leave(draft);
}

function leave(draft: PlacementDraft): void {
  draft.phase = 'gone';
  draft.effects.push({ kind: 'gone' });
}
