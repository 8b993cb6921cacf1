import type { Ownership } from '@parley/actor';
import type { BucketEntry } from '@parley/bus';
import { OwnershipLost, ownedRecords, stored } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { participantsPrefix, roomKey } from '@parley/contracts';
import type { RoomPolicy } from '../room/policy.ts';
import type { RoomUri } from '../room/room-uri.ts';
import { participantOf } from './participant-record.ts';
import { roomOf, roomRecord } from './room-record.ts';
import type { RoomBuckets, StoredRoom } from './stored-room.ts';
import { noRoom } from './stored-room.ts';

type ParticipantEntry = BucketEntry<focus.ParticipantRecord>;

/**
 * Reads a room and, where another epoch wrote it, rewrites it under ours: the participants first, the room last, whose new
 * epoch then says that all are done. A participant whose epoch is below its room's was therefore written by an owner that
 * was one no more, and is removed.
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
  const entries = stored(await participants.entries(participantsPrefix(uri)));
  const records = ownedRecords(participants, ownership);
  const { epoch } = ownership;
  if (found === undefined) {
    for (const { key, revision } of entries) await records.remove(key, revision);
    return noRoom;
  }
  for (const { value } of [found, ...entries]) {
    if (value.epoch > epoch) throw new OwnershipLost('a later owner has written');
  }
  const live = entries.filter(({ value }) => value.epoch >= found.value.epoch);
  for (const { key, revision } of entries.filter((entry) => !live.includes(entry))) await records.remove(key, revision);
  const isTakenOver = found.value.epoch !== epoch;
  const ours = isTakenOver ? await Promise.all(live.map((entry) => underEpoch(entry))) : live;
  const revisions = new Map(ours.map(({ value, revision }) => [value.id, revision]));
  const known = ours.map(({ value }) => participantOf(value));
  const room = roomOf(uri, found.value, known, defaults);
  if (!isTakenOver) return { room, isTakenOver, revisions: { room: found.revision, participants: revisions } };
  // Whoever watches the roster may have missed what the last owner did: a new version makes it look.
  const renewed = { ...room, version: room.version + 1 };
  const revision = await ownedRecords(rooms, ownership).write(found.key, roomRecord(renewed, epoch), found.revision);
  return { room: renewed, isTakenOver, revisions: { room: revision, participants: revisions } };

  async function underEpoch({ key, value, revision }: ParticipantEntry): Promise<ParticipantEntry> {
    const renewal = { ...value, epoch };
    return { key, value: renewal, revision: await records.write(key, renewal, revision) };
  }
}
