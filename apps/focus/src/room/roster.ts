import type { Participant } from './participant.ts';
import { isConnected, isOnHold } from './participant.ts';
import type { Room } from './room.ts';
import { changedParticipants } from './room.ts';

/** What an observer of a room has to be told to be up to date. */
export interface RosterChange {
  readonly version: number;
  readonly joined: readonly Participant[];
  readonly changed: readonly Participant[];
  /** Ids. */
  readonly left: readonly string[];
  readonly deleted: boolean;
}

function looksAlike(a: Participant, b: Participant): boolean {
  const isSame = a.nickname === b.nickname && a.uri === b.uri && a.displayName === b.displayName;
  return isSame && isConnected(a) === isConnected(b) && isOnHold(a) === isOnHold(b);
}

/**
 * How the visible room differs: the news that follows, and the room with its next version where there is any. A changed
 * policy is news too, since it may show or hide.
 */
export function withNews(
  before: Room | undefined,
  after: Room | undefined,
): readonly [room: Room | undefined, news: RosterChange | undefined] {
  if (after === undefined) {
    if (before === undefined) return [after, undefined];
    const left = [...before.participants.keys()];
    return [after, { version: before.version + 1, joined: [], changed: [], left, deleted: true }];
  }
  const joined: Participant[] = [];
  const changed: Participant[] = [];
  const left: string[] = [];
  for (const id of changedParticipants(before, after)) {
    const [known, participant] = [before?.participants.get(id), after.participants.get(id)];
    if (participant === undefined) {
      if (known !== undefined) left.push(id);
    } else if (known === undefined) joined.push(participant);
    else if (known !== participant && !looksAlike(known, participant)) changed.push(participant);
  }
  const isNews = joined.length + changed.length + left.length > 0 || after.policy !== before?.policy;
  if (!isNews) return [after, undefined];
  const version = after.version + 1;
  return [
    { ...after, version },
    { version, joined, changed, left, deleted: false },
  ];
}
