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
  /** Whether it does not want to hear now. */
  readonly onHold: boolean;
  /** Whether the focus called it, and not it the focus. */
  readonly dialedOut: boolean;
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
  return a === b || (isSamePerson(a, b) && isSameDevice(a, b));
}

function isSamePerson(a: RosterParticipant, b: RosterParticipant): boolean {
  return a.id === b.id && a.uri === b.uri && a.nickname === b.nickname && a.displayName === b.displayName;
}

function isSameDevice(a: RosterParticipant, b: RosterParticipant): boolean {
  const isSameWay = a.joinedAt === b.joinedAt && a.dialedOut === b.dialedOut;
  return isSameWay && a.bound === b.bound && a.onHold === b.onHold;
}
