import type { CommandLog } from '@parley/actor';
import type { Participant } from './participant.ts';
import type { RoomPolicy } from './policy.ts';
import type { RoomUri } from './room-uri.ts';

/** Everything that a focus knows of one conference. @spec RFC 4353 §2 (conference state) */
export interface Room {
  readonly uri: RoomUri;
  /** Of the roster; rises by one with each change of it, and with each takeover. */
  readonly version: number;
  readonly policy: RoomPolicy;
  /** Address-of-record of who made it; empty: the operator. */
  readonly creator: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly participants: ReadonlyMap<string, Participant>;
  /** Commands carried out; their answers follow from the state. */
  readonly commands: CommandLog<true>;
}

/** A room in which nobody is yet. */
export function newRoom(uri: RoomUri, policy: RoomPolicy, creator: string, createdAt: number): Room {
  return { uri, version: 0, policy, creator, createdAt, participants: new Map(), commands: [] };
}

/** Participants of a room on which several decisions are made in a row: nobody else has seen them yet. */
class DraftedParticipants extends Map<string, Participant> {
  isOpen = true;
}

/**
 * The room as a row of decisions works on it: participants are put into one copy, not into one each. Whoever drafted it
 * closes it when the row ends.
 */
export function drafted(room: Room): Room {
  if (room.participants instanceof DraftedParticipants && room.participants.isOpen) return room;
  return { ...room, participants: new DraftedParticipants(room.participants) };
}

/** From here on the room is a value as any other. */
export function closed(room: Room): Room {
  if (room.participants instanceof DraftedParticipants) room.participants.isOpen = false;
  return room;
}

/** The room with a participant, new or changed. */
export function withParticipant(room: Room, participant: Participant): Room {
  const { participants } = room;
  if (participants instanceof DraftedParticipants && participants.isOpen) {
    participants.set(participant.id, participant);
    return { ...room };
  }
  return { ...room, participants: new Map(room.participants).set(participant.id, participant) };
}

/** The room with every participant as `change` makes it. */
export function withEach(room: Room, change: (participant: Participant) => Participant): Room {
  return { ...room, participants: new Map([...room.participants].map(([id, one]) => [id, change(one)])) };
}
