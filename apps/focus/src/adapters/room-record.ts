import type { focus } from '@parley/contracts';
import type { Participant } from '../room/participant.ts';
import type { RoomPolicy } from '../room/policy.ts';
import type { RoomUri } from '../room/room-uri.ts';
import type { Room } from '../room/room.ts';
import { policyMessage, storedPolicy } from './policy-message.ts';

/** What is stored of a room itself. */
export function roomRecord(room: Room, epoch: number): focus.RoomRecord {
  const [first] = room.participants.values();
  const home = first?.media.streams[0]?.switchInstance ?? '';
  return {
    uri: room.uri,
    epoch,
    version: room.version,
    policy: policyMessage(room.policy),
    switchInstance: home,
    creator: room.creator,
    createdAt: Math.round(room.createdAt),
    recentCommands: room.commands.map(({ id }) => id),
  };
}

/** The room of its records. */
export function roomOf(
  uri: RoomUri,
  record: focus.RoomRecord,
  participants: readonly Participant[],
  defaults: RoomPolicy,
): Room {
  return {
    uri,
    version: record.version,
    policy: storedPolicy(record.policy, defaults),
    creator: record.creator,
    createdAt: record.createdAt,
    participants: new Map(participants.map((participant) => [participant.id, participant])),
    commands: record.recentCommands.map((id) => ({ id, outcome: true })),
  };
}
