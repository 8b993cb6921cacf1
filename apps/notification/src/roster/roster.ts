/** One participant, as the focus shows it. */
export interface RosterParticipant {
  readonly id: string;
  readonly uri: string;
  /** Empty: none. */
  readonly nickname: string;
  readonly displayName: string;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
  /** Whether messages reach it. */
  readonly bound: boolean;
}

/** A room as this service last heard of it. */
export interface Roster {
  readonly room: string;
  readonly version: number;
  readonly participants: ReadonlyMap<string, RosterParticipant>;
  /** Whether each sees only itself. */
  readonly hideMembers: boolean;
  /** What decides who may watch; another value means that everybody has to be looked at again. */
  readonly admission: string;
}

/** What changed. */
export interface RosterChange {
  readonly version: number;
  readonly joined: readonly RosterParticipant[];
  readonly changed: readonly RosterParticipant[];
  /** Ids. */
  readonly left: readonly string[];
  readonly deleted: boolean;
}

/** What a change makes of a roster: the next one, the same, none, or a question, as something was missed. */
export type RosterNews =
  { readonly kind: 'roster'; readonly roster: Roster } | { readonly kind: 'same' | 'gone' | 'ask' };

/**
 * Takes a change into the roster. One that names nobody says only that there is something to be looked at.
 */
export function applyChange(roster: Roster, { version, joined, changed, left, deleted }: RosterChange): RosterNews {
  if (version <= roster.version) return { kind: 'same' };
  if (deleted) return { kind: 'gone' };
  const isEmpty = joined.length + changed.length + left.length === 0;
  if (isEmpty || version !== roster.version + 1) return { kind: 'ask' };
  const participants = new Map(roster.participants);
  for (const participant of [...joined, ...changed]) participants.set(participant.id, participant);
  for (const id of left) participants.delete(id);
  return { kind: 'roster', roster: { ...roster, version, participants } };
}

/** Participants that a subscriber may see. */
export function visibleTo({ participants, hideMembers }: Roster, identity: string): readonly RosterParticipant[] {
  const all = [...participants.values()];
  return hideMembers ? all.filter(({ uri }) => uri === identity) : all;
}
