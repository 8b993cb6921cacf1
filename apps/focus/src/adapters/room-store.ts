import type { Bucket, BucketEntry, Bus } from '@parley/bus';
import { ownedRecords, stored } from '@parley/bus';
import { buckets, focus, participantKey, participantsPrefix, roomKey } from '@parley/contracts';
import type { Participant } from '../room/participant.ts';
import type { RoomPolicy } from '../room/policy.ts';
import type { RoomUri } from '../room/room-uri.ts';
import type { Room } from '../room/room.ts';
import { participantOf, participantRecord } from './participant-record.ts';
import { roomOf, roomRecord } from './room-record.ts';

/** A room with the revisions under which its records stand. */
export interface StoredRoom {
  readonly room: Room | undefined;
  /** Whether this reading of it ended the time of another owner. */
  readonly isTakenOver: boolean;
  readonly revisions: Revisions;
}

interface Revisions {
  readonly room: number | undefined;
  readonly participants: ReadonlyMap<string, number>;
}

const nothing: Revisions = { room: undefined, participants: new Map() };

/**
 * Rooms in the bucket `rooms`. Each write names the revision read, so that of two owners one fails. The record of the room
 * is written before those of its participants, as it stands from the beginning and therefore is the fence: a participant
 * whose epoch is below the room's was written by an owner that was one no more, and is removed.
 */
export class RoomStore {
  private readonly rooms: Bucket<focus.RoomRecord>;
  private readonly participants: Bucket<focus.ParticipantRecord>;
  private readonly defaults: RoomPolicy;

  constructor(bus: Bus, defaults: RoomPolicy) {
    this.rooms = bus.bucket(buckets.rooms, focus.RoomRecord);
    this.participants = bus.bucket(buckets.rooms, focus.ParticipantRecord);
    this.defaults = defaults;
  }

  /**
   * Reads a room and, where another epoch wrote it, rewrites it under ours: the participants first, the room last, whose
   * new epoch then says that all are done.
   *
   * @throws StoreFailed
   */
  async takeUp(uri: RoomUri, epoch: number): Promise<StoredRoom> {
    const found = stored(await this.rooms.get(roomKey(uri)));
    const entries = stored(await this.participants.entries(participantsPrefix(uri)));
    const write = ownedRecords(this.participants);
    if (found === undefined) {
      for (const { key, revision } of entries) await write.remove(key, revision);
      return { room: undefined, isTakenOver: false, revisions: nothing };
    }
    const isForeign = found.value.epoch !== epoch;
    const kept = await this.takeUpParticipants(entries, found.value.epoch, isForeign ? epoch : undefined);
    const participants = kept.map(({ value }) => participantOf(value));
    const revisions = new Map(kept.map(({ value, revision }) => [value.id, revision]));
    const room = roomOf(uri, found.value, participants, this.defaults);
    if (!isForeign) return { room, isTakenOver: false, revisions: { room: found.revision, participants: revisions } };
    // Whoever watches the roster may have missed what the last owner did: a new version makes it look.
    const renewed = { ...room, version: room.version + 1 };
    const revision = await ownedRecords(this.rooms).write(found.key, roomRecord(renewed, epoch), found.revision);
    return { room: renewed, isTakenOver: true, revisions: { room: revision, participants: revisions } };
  }

  /** Writes what differs. @throws StoreFailed */
  async save(
    { room: before, revisions, isTakenOver }: StoredRoom,
    after: Room | undefined,
    epoch: number,
  ): Promise<StoredRoom> {
    if (after === undefined) return this.remove(before, revisions);
    if (after === before) return { room: before, isTakenOver, revisions };
    const record = roomRecord(after, epoch);
    const own = await ownedRecords(this.rooms).write(roomKey(after.uri), record, revisions.room);
    const participants = await this.saveParticipants(before, after, revisions, epoch);
    return { room: after, isTakenOver, revisions: { room: own, participants } };
  }

  private async saveParticipants(
    before: Room | undefined,
    after: Room,
    revisions: Revisions,
    epoch: number,
  ): Promise<ReadonlyMap<string, number>> {
    const known = new Map(revisions.participants);
    const write = ownedRecords(this.participants);
    const writes: Promise<void>[] = [];
    for (const [id, participant] of after.participants) {
      if (before?.participants.get(id) === participant) continue;
      writes.push(this.saveParticipant(after.uri, participant, epoch, known));
    }
    for (const [id, revision] of revisions.participants) {
      if (after.participants.has(id)) continue;
      known.delete(id);
      writes.push(write.remove(participantKey(after.uri, id), revision));
    }
    await Promise.all(writes);
    return known;
  }

  private async saveParticipant(
    uri: RoomUri,
    participant: Participant,
    epoch: number,
    known: Map<string, number>,
  ): Promise<void> {
    const { id } = participant;
    const record = participantRecord(participant, epoch);
    known.set(id, await ownedRecords(this.participants).write(participantKey(uri, id), record, known.get(id)));
  }

  private async remove(before: Room | undefined, revisions: Revisions): Promise<StoredRoom> {
    if (before === undefined || revisions.room === undefined)
      return { room: undefined, isTakenOver: false, revisions: nothing };
    await ownedRecords(this.rooms).remove(roomKey(before.uri), revisions.room);
    const write = ownedRecords(this.participants);
    const removals = [...revisions.participants].map(([id, revision]) =>
      write.remove(participantKey(before.uri, id), revision),
    );
    await Promise.all(removals);
    return { room: undefined, isTakenOver: false, revisions: nothing };
  }

  private async takeUpParticipants(
    entries: readonly BucketEntry<focus.ParticipantRecord>[],
    roomEpoch: number,
    epoch: number | undefined,
  ): Promise<readonly BucketEntry<focus.ParticipantRecord>[]> {
    const write = ownedRecords(this.participants);
    const kept = await Promise.all(
      entries.map(async (entry) => {
        if (entry.value.epoch < roomEpoch) {
          await write.remove(entry.key, entry.revision);
          return [];
        }
        if (epoch === undefined) return [entry];
        const value = { ...entry.value, epoch };
        return [{ ...entry, value, revision: await write.write(entry.key, value, entry.revision) }];
      }),
    );
    return kept.flat();
  }
}
