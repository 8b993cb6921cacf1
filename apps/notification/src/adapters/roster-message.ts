import type { focus } from '@parley/contracts';
import type { Roster, RosterChange, RosterParticipant } from '../roster/roster.ts';

/** A room as the focus shows it, as a roster. */
export function rosterOf({ uri, version, policy, participants }: focus.Room): Roster {
  return {
    room: uri,
    version,
    participants: new Map(participants.map((participant) => [participant.id, participantOf(participant)])),
    hideMembers: policy?.hideMembers ?? false,
    admission: admissionOf(policy),
  };
}

/** What the focus said of a roster. */
export function rosterChangeOf({ version, joined, changed, left, deleted }: focus.RosterChanged): RosterChange {
  return { version, joined: joined.map(participantOf), changed: changed.map(participantOf), left, deleted };
}

/** Who may be in the room, and so may watch it, as a text that changes with it. */
function admissionOf(policy: focus.RoomPolicy | undefined): string {
  const members = policy?.membersOnly === true ? policy.members : [];
  return JSON.stringify([members, policy?.banned?.items ?? []]);
}

function participantOf(participant: focus.Participant): RosterParticipant {
  const { id, uri, nickname, displayName, joinedAt, bound, onHold = false, dialedOut = false } = participant;
  return { id, uri, nickname, displayName, joinedAt, bound, onHold, dialedOut };
}
