import type { ConferenceInfo, User } from '@parley/conference-info';

/** Somebody in the room, as the conference notification service shows it. */
export interface Participant {
  readonly uri: string;
  readonly nickname: string | undefined;
  readonly displayText: string | undefined;
  readonly roles: readonly string[];
}

/** Who is in the room. */
export interface Roster {
  /** Version of the latest document; undefined before the first. */
  readonly version: number | undefined;
  /** By URI. */
  readonly participants: ReadonlyMap<string, Participant>;
  /** A document was missed: subscribe anew for a full one. */
  readonly stale: boolean;
}

/** Nobody known yet. */
export const emptyRoster: Roster = { version: undefined, participants: new Map(), stale: true };

function participantOf(uri: string, user: User, before: Participant | undefined): Participant {
  const old = user.state === 'partial' ? before : undefined;
  return {
    uri,
    nickname: user.nickname ?? old?.nickname,
    displayText: user.displayText ?? old?.displayText,
    roles: user.roles ?? old?.roles ?? [],
  };
}

function isGone({ state, endpoints }: User): boolean {
  if (state === 'deleted') return true;
  return endpoints !== undefined && endpoints.length > 0 && endpoints.every(({ status }) => status === 'disconnected');
}

/** The roster after a document; an older one changes nothing. @spec RFC 4575 §4.6 */
export function applyConferenceInfo(roster: Roster, info: ConferenceInfo): Roster {
  const full = info.state === undefined || info.state === 'full';
  const version = info.version ?? (roster.version ?? 0) + 1;
  if (roster.version !== undefined && version <= roster.version) return roster;
  if (info.state === 'deleted') return { version, participants: new Map(), stale: false };
  const missed = !full && (roster.stale || version !== (roster.version ?? 0) + 1);
  const replaced = full || info.users?.state === 'full';
  const participants = new Map(replaced ? [] : roster.participants);
  for (const user of info.users?.users ?? []) {
    const { entity } = user;
    if (entity === undefined) continue;
    if (isGone(user)) participants.delete(entity);
    else participants.set(entity, participantOf(entity, user, roster.participants.get(entity)));
  }
  return { version, participants, stale: missed };
}
