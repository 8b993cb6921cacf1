import type { Ownership } from '@parley/actor';
import { ownedRecords } from '@parley/bus';
import { participantKey, roomKey } from '@parley/contracts';
import type { Room } from '../room/room.ts';
import { participantRecord } from './participant-record.ts';
import { roomRecord } from './room-record.ts';
import type { RoomBuckets, StoredRoom } from './stored-room.ts';
import { noRoom } from './stored-room.ts';

/**
 * Writes what differs, each record under the revision known. A participant is never without its room: the room begins
 * before its first and ends after its last. In between its record goes last, as the commands in it say that they were
 * carried out: one that is cut off is carried out again.
 *
 * @throws StoreFailed, OwnershipLost
 */
export async function saveRoom(
  buckets: RoomBuckets,
  before: StoredRoom,
  after: Room | undefined,
  ownership: Ownership,
): Promise<StoredRoom> {
  if (after === undefined) return removeRoom(buckets, before, ownership);
  if (after === before.room) return before;
  const records = ownedRecords(buckets.rooms, ownership);
  const write = (revision: number | undefined): Promise<number> =>
    records.write(roomKey(after.uri), roomRecord(after, ownership.epoch), revision);
  const { isRenewed, revisions } = before;
  const created = revisions.room ?? (await write(undefined));
  const participants = await saveParticipants(buckets, before, after, ownership);
  const room = revisions.room === undefined ? created : await write(created);
  return { room: after, isRenewed, revisions: { room, participants } };
}

async function saveParticipants(
  { participants }: RoomBuckets,
  { room: before, revisions }: StoredRoom,
  after: Room,
  ownership: Ownership,
): Promise<ReadonlyMap<string, number>> {
  const records = ownedRecords(participants, ownership);
  const kept = new Map(revisions.participants);
  const writes = [...after.participants.values()]
    .filter((participant) => before?.participants.get(participant.id) !== participant)
    .map(async (participant) => {
      const { id } = participant;
      const record = participantRecord(participant, ownership.epoch);
      kept.set(id, await records.write(participantKey(after.uri, id), record, revisions.participants.get(id)));
    });
  const removals = [...revisions.participants]
    .filter(([id]) => !after.participants.has(id))
    .map(async ([id, revision]) => {
      kept.delete(id);
      await records.remove(participantKey(after.uri, id), revision);
    });
  await Promise.all([...writes, ...removals]);
  return kept;
}

async function removeRoom(
  { rooms, participants }: RoomBuckets,
  { room, revisions }: StoredRoom,
  ownership: Ownership,
): Promise<StoredRoom> {
  if (room === undefined || revisions.room === undefined) return noRoom;
  const { uri } = room;
  const records = ownedRecords(participants, ownership);
  await Promise.all(
    [...revisions.participants].map(([id, revision]) => records.remove(participantKey(uri, id), revision)),
  );
  await ownedRecords(rooms, ownership).remove(roomKey(uri), revisions.room);
  return noRoom;
}
