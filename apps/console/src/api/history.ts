import { err } from '@parley/prelude';
import type { Histories } from '../adapters/histories.ts';
import { roomUri } from '../adapters/room-address.ts';
import type { Rooms } from '../adapters/rooms.ts';
import { problem } from '../http/problem.ts';
import type { ApiHandler, Route } from '../http/router.ts';
import type { ConsoleSettings } from '../settings.ts';
import { pageWish } from './page-wish.ts';
import { shown } from './users.ts';

/** What was said in a room: the resource `/rooms/{room}/history`, from the newest page back. */
export function historyRoutes(
  rooms: Rooms,
  histories: Histories,
  { chatDomain }: Pick<ConsoleSettings, 'chatDomain'>,
): readonly Route[] {
  const read: ApiHandler = async ({ name, query }) => {
    const uri = roomUri(name, chatDomain);
    if (!uri.ok) return err(problem(404, 'not-found', `room: ${uri.error}`));
    const page = pageWish(query, 'before');
    if (!page.ok) return page;
    const room = await rooms.find(uri.value);
    if (!room.ok) return room;
    const { policy, createdAt } = room.value;
    const { limit, cursor: before } = page.value;
    const kept = policy?.history ?? 0;
    return shown(await histories.page(uri.value, { limit, before, since: createdAt ?? 0, kept }));
  };
  return [{ path: '/rooms/{room}/history', methods: { GET: read } }];
}
