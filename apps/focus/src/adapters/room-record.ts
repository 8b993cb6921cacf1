import type { focus } from '@parley/contracts';
import type { Participant } from '../room/participant.ts';
import type { RoomPolicy } from '../room/policy.ts';
import type { RoomUri } from '../room/room-uri.ts';
import type { Room } from '../room/room.ts';
import { participantMap } from '../room/room.ts';
import { switchesOf } from '../room/leave.ts';
import { policyMessage, storedPolicy } from './policy-message.ts';

/** Versions that a record allows beyond that of its room, so that who comes and goes needs no write of it. */
const versionReserve = 1000;

/** Up to which version of a room may be told once its record is written. */
export function versionLimitOf({ version }: Room): number {
  return version + versionReserve;
}

/** What is stored of a room itself; whoever takes it up goes on above all versions that may have been told. */
export function roomRecord(room: Room, epoch: number): focus.RoomRecord {
  const [home = ''] = switchesOf(room);
  return {
    uri: room.uri,
    epoch,
    version: versionLimitOf(room),
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
    participants: participantMap(participants),
    commands: record.recentCommands.map((id) => ({ id, outcome: true })),
  };
}
