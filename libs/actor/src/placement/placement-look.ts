import type { LeaseEntry } from './lease-store.ts';
import type { PlacementDraft } from './placement-draft.ts';
import { readKey } from './placement-rules.ts';
import type { Peer } from './placement-state.ts';

/** Takes over what the store shows of shards that are not in our hands, of the other instances, and of ourselves. */
export function takeNote(draft: PlacementDraft, entries: readonly LeaseEntry[]): void {
  const peers = new Map<string, Peer>();
  const held = new Map<number, LeaseEntry>();
  for (const entry of entries) {
    const key = readKey(draft.rules, entry.key);
    if (key === undefined) continue;
    if ('shard' in key) held.set(key.shard, entry);
    else if (key.instance === draft.rules.instance) recogniseOurselves(draft, entry);
    else peers.set(key.instance, sighting(draft, key.instance, entry));
  }
  draft.peers = peers;
  draft.shards.forEach((_, shard) => {
    noteShard(draft, shard, held.get(shard));
  });
  draft.informed ||= isAnnounced(draft);
}

/** A look from before our presence stood may miss who announced itself at the same time. */
function isAnnounced({ presence }: PlacementDraft): boolean {
  return presence.kind !== 'absent' && presence.revision !== undefined;
}

function sighting(draft: PlacementDraft, instance: string, { revision, record }: LeaseEntry): Peer {
  const before = draft.peers.get(instance);
  const seenAt = before?.revision === revision ? before.seenAt : draft.now;
  return { revision, seenAt, draining: record.draining === true };
}

/** A create whose answer was lost may stand after all. */
function recogniseOurselves(draft: PlacementDraft, { revision }: LeaseEntry): void {
  if (draft.presence.kind === 'absent') draft.presence = { kind: 'standing', revision };
}

function noteShard(draft: PlacementDraft, shard: number, entry: LeaseEntry | undefined): void {
  const at = draft.shards[shard];
  if (at === undefined || at.kind === 'owned' || at.kind === 'claiming' || at.kind === 'yielding') return;
  if (entry === undefined) {
    if (at.kind === 'foreign') draft.shards[shard] = { kind: 'free' };
  } else if (entry.record.owner === draft.rules.instance) removeRelic(draft, shard, entry.revision);
  else if (at.kind !== 'foreign' || at.revision !== entry.revision) {
    draft.shards[shard] = { kind: 'foreign', revision: entry.revision, seenAt: draft.now };
  }
}

/** Our own record where we own nothing, from a claim or renewal whose answer was lost: nobody acts by it, so it goes. */
function removeRelic(draft: PlacementDraft, shard: number, revision: number): void {
  draft.shards[shard] = { kind: 'yielding', epoch: revision, revision, restUntil: 0 };
  draft.write({ kind: 'shard', shard }, { kind: 'delete', revision }, revision);
}
