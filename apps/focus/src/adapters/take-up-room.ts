import type { Ownership } from '@parley/actor';
import type { BucketEntry, OwnedRecords } from '@parley/bus';
import { OwnershipLost, ownedRecords, stored } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { participantsPrefix, roomKey } from '@parley/contracts';
import type { RoomPolicy } from '../room/policy.ts';
import type { RoomUri } from '../room/room-uri.ts';
import { participantOf } from './participant-record.ts';
import { roomOf, roomRecord, versionLimitOf } from './room-record.ts';
import type { RoomBuckets, StoredRoom } from './stored-room.ts';
import { noRoom, participantRevisions } from './stored-room.ts';

type ParticipantEntry = BucketEntry<focus.ParticipantRecord>;
type ParticipantRecords = OwnedRecords<focus.ParticipantRecord>;

/**
 * Reads a room and, where another epoch wrote it, rewrites it under ours: the participants first, the room last, whose new
 * epoch then says that all are done. A participant whose epoch is below its room's was therefore written by an owner that
 * was one no more, and is removed.
 *
 * A passing room without participants was cut off at its beginning or end, and is removed.
 *
 * Where there are participants the version counts up, since what was stored last may never have been told: observers of
 * the roster are made to look.
 *
 * @throws StoreFailed, OwnershipLost
 */
export async function takeUpRoom(
  { rooms, participants }: RoomBuckets,
  uri: RoomUri,
  ownership: Ownership,
  defaults: RoomPolicy,
): Promise<StoredRoom> {
  const found = stored(await rooms.get(roomKey(uri)));
  if (found === undefined) return noRoom();
  const entries = stored(await participants.entries(participantsPrefix(uri)));
  const records = ownedRecords(participants, ownership);
  const { epoch } = ownership;
  if ([found, ...entries].some(({ value }) => value.epoch > epoch)) {
    throw new OwnershipLost('a later owner has written');
  }
  const live = await withoutLeftovers(entries, found.value.epoch, records);
  const ours = await Promise.all(live.map((entry) => underEpoch(entry, epoch, records)));
  const known = ours.map(({ value }) => participantOf(value));
  const revisions = participantRevisions(ours.map(({ value, revision }) => [value.id, revision]));
  const room = roomOf(uri, found.value, known, defaults);
  if (known.length === 0 && !room.policy.persistent) {
    await ownedRecords(rooms, ownership).remove(found.key, found.revision);
    return noRoom();
  }
  const isRenewed = found.value.epoch !== epoch || known.length > 0;
  const versionLimit = room.version;
  if (!isRenewed)
    return { room, isRenewed, versionLimit, revisions: { room: found.revision, participants: revisions } };
  const renewed = { ...room, version: room.version + 1 };
  const revision = await ownedRecords(rooms, ownership).write(found.key, roomRecord(renewed, epoch), found.revision);
  return {
    room: renewed,
    isRenewed,
    versionLimit: versionLimitOf(renewed),
    revisions: { room: revision, participants: revisions },
  };
}

async function withoutLeftovers(
  entries: readonly ParticipantEntry[],
  epoch: number,
  records: ParticipantRecords,
): Promise<readonly ParticipantEntry[]> {
  const live = entries.filter(({ value }) => value.epoch >= epoch);
  for (const entry of entries) if (!live.includes(entry)) await records.remove(entry.key, entry.revision);
  return live;
}

async function underEpoch(
  entry: ParticipantEntry,
  epoch: number,
  records: ParticipantRecords,
): Promise<ParticipantEntry> {
  const { key, revision } = entry;
  if (entry.value.epoch === epoch) return entry;
  const value = { ...entry.value, epoch };
  return { key, value, revision: await records.write(key, value, revision) };
}
