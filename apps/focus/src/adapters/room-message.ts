import type { focus } from '@parley/contracts';
import type { Participant } from '../room/participant.ts';
import { isConnected, isOnHold } from '../room/participant.ts';
import type { Room } from '../room/room.ts';
import type { RosterChange } from '../room/roster.ts';
import { policyMessage } from './policy-message.ts';

/** A participant as others may know it. */
export function participantMessage(participant: Participant): focus.Participant {
  const { id, uri, nickname, joinedAt, displayName, dialedOut } = participant;
  const bound = isConnected(participant);
  return { id, uri, nickname, joinedAt, displayName, bound, onHold: isOnHold(participant), dialedOut };
}

/** A room as it is shown. */
export function roomMessage({ uri, policy, participants, version, createdAt }: Room): focus.Room {
  return {
    uri,
    policy: policyMessage(policy),
    participants: [...participants.values()].map(participantMessage),
    version,
    createdAt: Math.round(createdAt),
  };
}

/** The news of a roster. */
export function rosterMessage(room: string, change: RosterChange): focus.RosterChanged {
  const { version, joined, changed, left, deleted } = change;
  return {
    room,
    version,
    joined: joined.map(participantMessage),
    changed: changed.map(participantMessage),
    left,
    deleted,
  };
}
