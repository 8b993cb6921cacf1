import type { Roster, RosterParticipant } from './roster.ts';

/** What a subscriber is to be shown, or has been. */
export interface View {
  /** Devices of each user by its URI, in the order in which they came. */
  readonly users: ReadonlyMap<string, readonly RosterParticipant[]>;
  /** Whether it is all of a roster, and not what one document of several has told so far. */
  readonly isWhole: boolean;
}

const views = new WeakMap<Roster, View>();

/** What a subscriber sees of a roster: everybody, the same object for all who ask; of hidden members itself alone. */
export function viewOf(roster: Roster, identity: string): View {
  if (roster.hideMembers) return usersOf([...roster.participants.values()].filter(({ uri }) => uri === identity));
  const known = views.get(roster);
  if (known !== undefined) return known;
  const view = usersOf(roster.participants.values());
  views.set(roster, view);
  return view;
}

function usersOf(participants: Iterable<RosterParticipant>): View {
  const users = new Map<string, RosterParticipant[]>();
  for (const participant of participants) {
    const devices = users.get(participant.uri);
    if (devices === undefined) users.set(participant.uri, [participant]);
    else devices.push(participant);
  }
  return { users, isWhole: true };
}
