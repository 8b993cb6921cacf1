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

/** Whether nobody could tell two states of a participant apart. */
export function looksAlike(a: RosterParticipant, b: RosterParticipant): boolean {
  return a === b || (isSamePerson(a, b) && a.joinedAt === b.joinedAt && a.bound === b.bound);
}

function isSamePerson(a: RosterParticipant, b: RosterParticipant): boolean {
  return a.id === b.id && a.uri === b.uri && a.nickname === b.nickname && a.displayName === b.displayName;
}
