import { fairShare, preference } from './fair-share.ts';
import type { PlacementDraft } from './placement-draft.ts';
import type { ShardState } from './placement-state.ts';

/** Whether a record that was first seen at `seenAt` is over by any clock within the margin. */
export function isOver(draft: PlacementDraft, seenAt: number): boolean {
  return draft.now >= seenAt + draft.rules.lease + draft.rules.margin;
}

/** Yields what is above our share, or claims free shards up to it. */
export function balance(draft: PlacementDraft): void {
  if (draft.phase !== 'active' || !draft.informed) return;
  const share = fairShare(draft.rules.instance, wantingPeers(draft), draft.rules.shards);
  const owned = draft.count('owned');
  if (owned > share) yieldSome(draft, owned - share);
  else claimSome(draft, share - owned - draft.count('claiming'));
}

function* wantingPeers(draft: PlacementDraft): Iterable<string> {
  for (const [instance, peer] of draft.peers) if (!peer.draining && !isOver(draft, peer.seenAt)) yield instance;
}

function yieldSome(draft: PlacementDraft, surplus: number): void {
  const least = preference(draft.rules.instance, draft.rules.shards).filter(
    (shard) => draft.shards[shard]?.kind === 'owned',
  );
  for (const shard of least.reverse().slice(0, surplus)) draft.yieldShard(shard, 'yielded');
}

function claimSome(draft: PlacementDraft, wanted: number): void {
  const free = preference(draft.rules.instance, draft.rules.shards).filter((shard) => {
    const at = draft.shards[shard];
    return at !== undefined && claimable(draft, at);
  });
  for (const shard of free.slice(0, Math.max(0, wanted))) {
    draft.shards[shard] = { kind: 'claiming', sentAt: draft.now };
    draft.write({ kind: 'shard', shard }, { kind: 'create' });
  }
}

function claimable(draft: PlacementDraft, shard: ShardState): boolean {
  if (shard.kind === 'foreign') return isOver(draft, shard.seenAt);
  if (shard.kind === 'resting') return draft.now >= shard.until;
  return shard.kind === 'free';
}
