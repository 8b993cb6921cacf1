import type { Ownership } from '@parley/actor';
import { OwnershipLost } from '@parley/bus';
import { takeUpRoom } from '../adapters/take-up-room.ts';
import { streamOf } from '../media/msrp-media.ts';
import { resumedOffers, withTimeToConnect } from '../room/resumed-offers.ts';
import { parseRoomUri } from '../room/room-uri.ts';
import { publishNews } from './effects.ts';
import { rehome } from './rehome.ts';
import type { RoomActorState, RoomDesk, RoomSurroundings } from './room-state.ts';
import { carryOut, keepWatch } from './room-state.ts';

/**
 * What the actor of a room begins with; undefined where no room can have this name. Who is to be connected elsewhere has as
 * long for that as if it began now.
 *
 * @throws StoreFailed, OwnershipLost
 */
export async function takeUp(
  around: RoomSurroundings,
  identity: string,
  ownership: Ownership | undefined,
): Promise<RoomActorState | undefined> {
  if (!ownership?.isValid()) throw new OwnershipLost('the shard is not ours');
  const { chatDomain, defaults, now } = around.surroundings();
  const uri = parseRoomUri(identity, chatDomain);
  if (!uri.ok || uri.value !== identity) return undefined;
  const found = await takeUpRoom(around.buckets, uri.value, ownership, defaults);
  const room = found.room && withTimeToConnect(found.room, now);
  around.events.roomHeld(identity, room);
  around.held.note(identity, room);
  return {
    uri: uri.value,
    ownership,
    stored: { ...found, room },
    told: room,
    hasNews: false,
    ended: [],
    joins: new Map(),
    queued: [],
    searching: false,
    gathered: [],
    changes: new Map(),
    calls: new Map(),
    early: new Map(),
    invited: [],
    watched: new Set(),
  };
}

/**
 * Takes up what a stored room has going: its switches are watched, its deadlines met, its offers followed up, streams without
 * a switch find one, and observers are made to look.
 */
export function resume(desk: RoomDesk): void {
  const { around, state } = desk;
  const { stored, uri, ownership } = state;
  keepWatch(desk);
  if (stored.room === undefined || !stored.isRenewed || !ownership.isValid()) return;
  publishNews(around, uri, { version: stored.room.version, joined: [], changed: [], left: [], deleted: false });
  for (const effect of resumedOffers(stored.room, around.surroundings().now)) carryOut(desk, effect);
  for (const { id, media } of stored.room.participants.values())
    if (streamOf(media, '') !== undefined) rehome(desk, id);
}
