import type { CommandLog } from '@parley/actor';
import type { Participant } from './participant.ts';
import type { RoomPolicy } from './policy.ts';
import { ParticipantIndex } from './participant-index.ts';
import type { RoomUri } from './room-uri.ts';
import { VersionMap } from './version-map.ts';

/** The participants of a room by their ids. */
export type Participants = VersionMap<Participant, ParticipantIndex>;

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
  return { uri, version: 0, policy, creator, createdAt, participants: participantMap([]), commands: [] };
}

/** Participants by their ids, as a value that changes cheaply. */
export function participantMap(all: Iterable<Participant>): Participants {
  const entries = [...all].map((participant) => [participant.id, participant] as const);
  return VersionMap.of(entries, () => new ParticipantIndex());
}

/** The participants of a room as {@link participantMap} has them. */
export function participantsOf({ participants }: Pick<Room, 'participants'>): Participants {
  if (participants instanceof VersionMap) return participants as Participants; // no other kind is one of participants
  return participantMap(participants.values());
}

/** The room with a participant, new or changed. */
export function withParticipant(room: Room, participant: Participant): Room {
  return { ...room, participants: participantsOf(room).with(participant.id, participant) };
}

/** Whether somebody has a device in the room. @param identity - address-of-record */
export function isHere(room: Room, identity: string): boolean {
  for (const _ of participantsOf(room).index.byIdentity.of(identity)) return true;
  return false;
}

/** Ids of the participants that may differ between two states of a room. */
export function changedParticipants(before: Room | undefined, after: Room): ReadonlySet<string> {
  const old = before && participantsOf(before);
  if (before?.participants === after.participants) return new Set();
  return old?.changedUntil(after.participants) ?? new Set([...(old?.keys() ?? []), ...after.participants.keys()]);
}

/** The room with every participant as `change` makes it. */
export function withEach(room: Room, change: (participant: Participant) => Participant): Room {
  return { ...room, participants: participantMap([...room.participants.values()].map(change)) };
}
