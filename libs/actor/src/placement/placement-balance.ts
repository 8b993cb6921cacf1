import { fairShare } from './fair-share.ts';
import type { PlacementDraft } from './placement-draft.ts';
import { writeTable } from './placement-table.ts';

/** Yields what is above our share, claims free shards up to it, and releases what has been handed over: in one write. */
export function balance(draft: PlacementDraft): void {
  if (draft.phase === 'active') yieldSurplus(draft);
  if (!mayWrite(draft)) return;
  const claims = draft.phase === 'active' ? claimable(draft) : [];
  const releases = releasable(draft, new Set(claims));
  if (claims.length + releases.length > 0) writeTable(draft, claims, releases);
}

/** One write at a time, over the newest table, while our lease runs and all who came before us are known. */
function mayWrite(draft: PlacementDraft): boolean {
  const isFree = draft.writing === undefined && draft.staleRevision !== draft.table.revision;
  return isFree && draft.isReady && draft.isRecognised && draft.isAlive;
}

function share(draft: PlacementDraft): number {
  const others = [...draft.peers].filter(([, { revision, isDraining }]) => revision > 0 && !isDraining);
  return fairShare(
    draft.rules.instance,
    others.map(([instance]) => instance),
    draft.rules.shards,
  );
}

function yieldSurplus(draft: PlacementDraft): void {
  const surplus = draft.count('owned') + (draft.writing?.claims.length ?? 0) - share(draft);
  if (surplus <= 0) return;
  const owned = draft.preference.filter((shard) => draft.shards[shard]?.kind === 'owned');
  for (const shard of owned.reverse().slice(0, surplus)) draft.yieldShard(shard, 'yielded');
}

/** Free shards up to our share: first those that are ours by the table alone, as after a time without the store. */
function claimable(draft: PlacementDraft): readonly number[] {
  const wanted = share(draft) - draft.count('owned');
  if (wanted <= 0) return [];
  const free = draft.preference.filter((shard) => isFree(draft, shard));
  const isOurs = (shard: number): boolean => draft.heldBy(shard) !== undefined;
  return [...free.filter(isOurs), ...free.filter((shard) => !isOurs(shard))].slice(0, wanted);
}

function isFree(draft: PlacementDraft, shard: number): boolean {
  const at = draft.shards[shard];
  if (at?.kind !== 'idle' || draft.now < at.restUntil) return false;
  const holder = draft.heldBy(shard);
  return holder === undefined || holder.owner === draft.rules.instance;
}

/** What the table gives us though we do not own it, hooks being done, nor claim it. */
function releasable(draft: PlacementDraft, claims: ReadonlySet<number>): readonly number[] {
  return [...draft.table.holders].flatMap(([shard, { owner }]) => {
    if (owner !== draft.rules.instance || claims.has(shard)) return [];
    const at = draft.shards[shard];
    return at === undefined || at.kind === 'idle' || (at.kind === 'yielding' && at.isDone) ? [shard] : [];
  });
}
