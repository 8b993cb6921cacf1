import type { Ownership } from '@parley/actor';
import { OwnershipLost, ownedRecords } from '@parley/bus';
import { participantKey, roomKey } from '@parley/contracts';
import { isAlikeButForBinding } from '../media/msrp-media.ts';
import type { Participant } from '../room/participant.ts';
import type { Room } from '../room/room.ts';
import { changedParticipants } from '../room/room.ts';
import { participantRecord } from './participant-record.ts';
import { roomRecord, versionLimitOf } from './room-record.ts';
import type { ParticipantRevisions, RoomBuckets, StoredRoom } from './stored-room.ts';
import { noRoom } from './stored-room.ts';

/**
 * Writes what differs, each record under the revision known. A participant is never without its room: the room begins
 * before its first and ends after its last. In between its record goes last, as the commands in it say that they were
 * carried out: one that is cut off is carried out again. It is left alone where only participants differ.
 *
 * New participants have a key of their own, which no other owner's write protects: while the lease lasts after the write
 * nobody can have taken the room up before it.
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
  const isNew = revisions.room === undefined;
  const isOutdated = after.version > before.versionLimit || !isSameRecord(before.room, after);
  const created = revisions.room ?? (await write(undefined));
  const participants = await saveParticipants(buckets, before, after, ownership);
  const room = isNew || !isOutdated ? created : await write(created);
  if (!ownership.isValid()) throw new OwnershipLost('the lease ended before the room was stored');
  const versionLimit = isNew || isOutdated ? versionLimitOf(after) : before.versionLimit;
  return { room: after, isRenewed, versionLimit, revisions: { room, participants } };
}

function isSameRecord(before: Room | undefined, { policy, creator, commands }: Room): boolean {
  return before?.policy === policy && before.creator === creator && before.commands === commands;
}

async function saveParticipants(
  { participants }: RoomBuckets,
  { room: before, revisions }: StoredRoom,
  after: Room,
  ownership: Ownership,
): Promise<ParticipantRevisions> {
  const records = ownedRecords(participants, ownership);
  let kept = revisions.participants;
  const write = async (participant: Participant, revision: number | undefined): Promise<void> => {
    const { id } = participant;
    const record = participantRecord(participant, ownership.epoch);
    const written = await records.write(participantKey(after.uri, id), record, revision);
    kept = kept.with(id, written);
  };
  const remove = async (id: string, revision: number): Promise<void> => {
    await records.remove(participantKey(after.uri, id), revision);
    kept = kept.with(id, undefined);
  };
  const changes = [...changedParticipants(before, after)].flatMap((id) => {
    const [participant, revision] = [after.participants.get(id), revisions.participants.get(id)];
    if (participant === undefined) return revision === undefined ? [] : [remove(id, revision)];
    return isStoredAs(before?.participants.get(id), participant) ? [] : [write(participant, revision)];
  });
  await Promise.all(changes);
  return kept;
}

/** Whether the record of a participant says what it has to: who has a connection is known to the switches. */
function isStoredAs(before: Participant | undefined, after: Participant): boolean {
  if (before === undefined || before === after) return before === after;
  const names = Object.keys({ ...before, ...after }) as (keyof Participant)[]; // built by us, so it has no others
  return (
    names.every((name) => name === 'media' || before[name] === after[name]) &&
    isAlikeButForBinding(before.media, after.media)
  );
}

async function removeRoom(
  { rooms, participants }: RoomBuckets,
  { room, revisions }: StoredRoom,
  ownership: Ownership,
): Promise<StoredRoom> {
  if (room === undefined || revisions.room === undefined) return noRoom();
  const { uri } = room;
  const records = ownedRecords(participants, ownership);
  await Promise.all(
    [...revisions.participants].map(([id, revision]) => records.remove(participantKey(uri, id), revision)),
  );
  await ownedRecords(rooms, ownership).remove(roomKey(uri), revisions.room);
  return noRoom();
}
