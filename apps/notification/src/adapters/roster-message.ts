import type { focus } from '@parley/contracts';
import type { Roster, RosterChange, RosterParticipant } from '../roster/roster.ts';

/** A room as the focus shows it, as a roster. */
export function rosterOf({ uri, version, policy, participants }: focus.Room): Roster {
  return {
    room: uri,
    version,
    participants: new Map(participants.map((participant) => [participant.id, participantOf(participant)])),
    hideMembers: policy?.hideMembers ?? false,
    admission: policy?.membersOnly === true ? policy.members.join('\n') : '',
  };
}

/** What the focus said of a roster. */
export function rosterChangeOf({ version, joined, changed, left, deleted }: focus.RosterChanged): RosterChange {
  return { version, joined: joined.map(participantOf), changed: changed.map(participantOf), left, deleted };
}

function participantOf({ id, uri, nickname, displayName, joinedAt, bound }: focus.Participant): RosterParticipant {
  return { id, uri, nickname, displayName, joinedAt, bound };
}
