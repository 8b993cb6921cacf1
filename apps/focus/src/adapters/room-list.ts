import type { BusFailure } from '@parley/bus';
import type { focus } from '@parley/contracts';
import { decodeToken, participantsPrefix } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { participantOf } from './participant-record.ts';
import { participantMessage } from './room-message.ts';
import type { RoomBuckets } from './stored-room.ts';

/** Rooms of a page when nobody says, and at most. */
const pageSize = { usual: 100, largest: 500 } as const;

/** A page of rooms as they are stored, in the order of their keys; the cursor is the last key of the page before. */
export async function listRooms(
  { rooms, participants }: RoomBuckets,
  { limit, cursor }: focus.ListRooms,
): Promise<Result<focus.RoomList, BusFailure>> {
  const keys = await rooms.keys();
  if (!keys.ok) return keys;
  const left = keys.value.filter((key) => !key.includes('.') && key > cursor).sort();
  const page = left.slice(0, Math.min(limit === 0 ? pageSize.usual : limit, pageSize.largest));
  const items = await Promise.all(
    page.map(async (key): Promise<readonly focus.Room[]> => {
      const found = await rooms.get(key);
      const name = decodeToken(key);
      if (!found.ok || found.value === undefined || !name.ok) return [];
      const here = await participants.entries(participantsPrefix(name.value));
      const { uri, policy, version } = found.value.value;
      return [
        {
          uri,
          policy,
          version,
          participants: here.ok ? here.value.map(({ value }) => participantMessage(participantOf(value))) : [],
        },
      ];
    }),
  );
  return ok({ items: items.flat(), next: page.length < left.length ? (page.at(-1) ?? '') : '' });
}
