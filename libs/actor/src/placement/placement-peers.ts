import type { LeaseEntry } from './lease-store.ts';
import type { PlacementDraft } from './placement-draft.ts';
import type { WriteEffect, WriteOutcome } from './placement-input.ts';
import { renewalPeriod, retryPause } from './placement-rules.ts';
import type { Peer } from './placement-state.ts';

/** Takes note of another's lease: it runs from now, as nobody can have heard of it earlier than its owner wrote it. */
export function meet(draft: PlacementDraft, instance: string, { record, revision, storedAt }: LeaseEntry): void {
  if (record.kind !== 'lease') return;
  const { duration, isDraining } = record;
  const { now } = draft;
  draft.peers.set(instance, { revision, storedAt, seenAt: now, duration, isDraining, fenceAt: now + duration });
}

/** Takes note that another's lease was deleted; what it held by the table is free. */
export function part(draft: PlacementDraft, instance: string, revision: number | undefined): void {
  const peer = draft.peers.get(instance);
  if (revision !== undefined && revision < (peer?.revision ?? 0)) return;
  draft.peers.delete(instance);
  if (revision !== undefined) draft.ended.set(instance, revision);
  meetStrangers(draft);
}

/** Forgets whom the table does not name any more, and takes note of those whom it alone names. */
export function meetStrangers(draft: PlacementDraft): void {
  const holders = [...draft.table.holders.values()];
  const named = new Set(holders.map(({ owner }) => owner));
  for (const instance of draft.ended.keys()) if (!named.has(instance)) draft.ended.delete(instance);
  for (const [instance, { revision }] of draft.peers)
    if (revision === 0 && !named.has(instance)) draft.peers.delete(instance);
  for (const holder of holders) {
    if (holder.owner === draft.rules.instance || draft.peers.has(holder.owner) || draft.isOver(holder)) continue;
    draft.peers.set(holder.owner, stranger(draft));
  }
}

/** Its lease may yet be told of; one that is not for a while is looked for. */
function stranger({ now, rules }: PlacementDraft): Peer {
  const fenceAt = now + renewalPeriod(rules);
  return { revision: 0, storedAt: 0, seenAt: now, duration: rules.lease, isDraining: false, fenceAt };
}

/**
 * Who has just come does not know how long the others' leases have stood already; the store does. Its stamps are compared
 * with its own, never with our clock. Half a lease of silence before our own eyes is asked for beside, so that a store
 * whose clock jumps ends nobody who lives.
 *
 * @param storedAt - the store's time of our own lease, which was told of now
 */
export function recallAges(draft: PlacementDraft, storedAt: number): void {
  for (const [instance, peer] of draft.peers) {
    if (peer.revision === 0 || peer.fenceAt === Infinity) continue;
    const writtenAt = draft.now - (storedAt - peer.storedAt);
    const overAt = Math.max(writtenAt + peer.duration, peer.seenAt + peer.duration / 2);
    if (overAt < peer.fenceAt) draft.peers.set(instance, { ...peer, fenceAt: overAt });
  }
}

/**
 * Ends the leases of those who say nothing: deletes exactly the revision that was told of, so that whoever renewed since
 * keeps it, and whoever did not can renew it no more. Where none was told of, creating one shows that there is none.
 */
export function fenceSilent(draft: PlacementDraft): void {
  const { isTroubled, graceUntil } = draft.lease;
  if (draft.phase !== 'active' || !draft.isAlive || isTroubled || draft.now < graceUntil) return;
  for (const [instance, peer] of draft.peers) {
    if (draft.now < peer.fenceAt) continue;
    draft.peers.set(instance, { ...peer, fenceAt: Infinity });
    const record = { kind: 'lease', duration: draft.rules.lease, isDraining: true } as const;
    const { revision } = peer;
    draft.write(
      { kind: 'fence', instance },
      revision === 0 ? { kind: 'create', record } : { kind: 'delete', revision },
    );
  }
}

/** What became of ending another's lease. */
export function fenced(draft: PlacementDraft, instance: string, { order }: WriteEffect, outcome: WriteOutcome): void {
  if (outcome.kind === 'done' && order.kind === 'delete') part(draft, instance, outcome.revision);
  else if (outcome.kind === 'done')
    draft.write({ kind: 'fence', instance }, { kind: 'delete', revision: outcome.revision });
  else {
    const peer = draft.peers.get(instance);
    if (peer?.fenceAt !== Infinity) return;
    draft.peers.set(instance, { ...peer, fenceAt: draft.now + retryPause(draft.rules) });
  }
}
