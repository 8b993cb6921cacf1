import type { Bucket, Bus } from '@parley/bus';
import { buckets, focus } from '@parley/contracts';
import type { Room } from '../room/room.ts';
import type { MapIndex } from '../room/version-map.ts';
import { VersionMap } from '../room/version-map.ts';

/** A room with the revisions under which its records stand. */
export interface StoredRoom {
  readonly room: Room | undefined;
  /** Whether it got a new version when it was read, which its observers have to be told. */
  readonly isRenewed: boolean;
  /** Highest version that may be told before the room's own record has to be written again. */
  readonly versionLimit: number;
  readonly revisions: Revisions;
}

/** Revisions of the room's own record and, by id, of its participants'. */
export interface Revisions {
  readonly room: number | undefined;
  readonly participants: ParticipantRevisions;
}

/** Revisions of participants' records, as a value that changes cheaply. */
export type ParticipantRevisions = VersionMap<number, MapIndex<number>>;

/** The revisions of records that were read. */
export function participantRevisions(known: Iterable<readonly [id: string, revision: number]>): ParticipantRevisions {
  return VersionMap.of(known, () => noIndex);
}

const noIndex: MapIndex<number> = { change: () => {} };

/** A room that is not stored. */
export function noRoom(): StoredRoom {
  const revisions = { room: undefined, participants: participantRevisions([]) };
  return { room: undefined, isRenewed: false, versionLimit: 0, revisions };
}

/** The bucket `rooms`, by what its keys hold. */
export interface RoomBuckets {
  readonly rooms: Bucket<focus.RoomRecord>;
  readonly participants: Bucket<focus.ParticipantRecord>;
}

/** Opens the bucket. */
export function roomBuckets(bus: Bus): RoomBuckets {
  return {
    rooms: bus.bucket(buckets.rooms, focus.RoomRecord),
    participants: bus.bucket(buckets.rooms, focus.ParticipantRecord),
  };
}
