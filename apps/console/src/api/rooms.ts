import type { focus } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { roomUri } from '../adapters/room-address.ts';
import type { Rooms } from '../adapters/rooms.ts';
import type { ConsoleEvents } from '../events.ts';
import type { Problem } from '../http/problem.ts';
import { problem } from '../http/problem.ts';
import type { Reply } from '../http/reply.ts';
import { json, noContent } from '../http/reply.ts';
import type { ApiCall, ApiHandler, Route } from '../http/router.ts';
import type { ConsoleSettings } from '../settings.ts';
import { pageWish } from './page-wish.ts';
import type { PolicyWish } from './room-schemas.ts';
import { announcement, roomSchemas, somebody } from './room-schemas.ts';
import { shown } from './users.ts';
import { validate } from './validate.ts';

/** Handles a request for the room at a URI. */
type RoomHandler = (uri: string, call: ApiCall) => Promise<Result<Reply, Problem>>;

/** The chat rooms: the resources below `/rooms`. */
export function roomRoutes(
  rooms: Rooms,
  { domain, chatDomain }: ConsoleSettings,
  events: ConsoleEvents,
): readonly Route[] {
  const schemas = roomSchemas(domain);
  const create: ApiHandler = async ({ body }) => {
    const wish = validate(schemas.create, body);
    if (!wish.ok) return wish;
    const { name, ...policy } = wish.value;
    const uri = roomUri(name, chatDomain);
    if (!uri.ok) return err(problem(400, 'invalid', `name: ${uri.error}`));
    const room = await rooms.create(uri.value, toWire(policy));
    if (!room.ok) return room;
    events.roomCreated(uri.value);
    return ok(json(201, room.value, { location: `/api/v1/rooms/${encodeURIComponent(room.value.name)}` }));
  };
  const list: ApiHandler = async ({ query }) => {
    const page = pageWish(query);
    return page.ok ? shown(await rooms.list(page.value)) : page;
  };
  const show: RoomHandler = async (uri) => shown(await rooms.show(uri));
  const change: RoomHandler = async (uri, { body }) => {
    const wish = validate(schemas.change, body);
    if (!wish.ok) return wish;
    const room = await rooms.change(uri, toWire(wish.value));
    if (room.ok) events.policyChanged(uri);
    return shown(room);
  };
  const remove: RoomHandler = async (uri) => {
    const deleted = await rooms.delete(uri);
    if (!deleted.ok) return deleted;
    events.roomDeleted(uri);
    return ok(noContent);
  };
  const announce: RoomHandler = async (uri, { body }) => {
    const wish = validate(announcement, body);
    if (!wish.ok) return wish;
    const told = await rooms.announce(uri, wish.value.text);
    if (!told.ok) return told;
    events.announced(uri);
    return ok(json(202, {}));
  };
  const at = (handler: RoomHandler): ApiHandler => atRoom(chatDomain, handler);
  const toSomebody = (act: RoomAct): ApiHandler => at((uri, call) => actOn(uri, call, act));
  return [
    { path: '/rooms', methods: { GET: list, POST: create } },
    { path: '/rooms/{room}', methods: { GET: at(show), PATCH: at(change), DELETE: at(remove) } },
    { path: '/rooms/{room}/announcements', methods: { POST: at(announce) } },
    { path: '/rooms/{room}/invite', methods: { POST: toSomebody((uri, who) => rooms.invite(uri, who)) } },
    { path: '/rooms/{room}/kick', methods: { POST: toSomebody((uri, who) => rooms.expel(uri, who)) } },
    { path: '/rooms/{room}/ban', methods: { POST: toSomebody((uri, who) => rooms.ban(uri, who, true)) } },
    { path: '/rooms/{room}/unban', methods: { POST: toSomebody((uri, who) => rooms.ban(uri, who, false)) } },
    { path: '/rooms/{room}/grant', methods: { POST: toSomebody((uri, who) => rooms.grantVoice(uri, who, true)) } },
    { path: '/rooms/{room}/revoke', methods: { POST: toSomebody((uri, who) => rooms.grantVoice(uri, who, false)) } },
  ];
}

/** What is done to somebody in a room. */
type RoomAct = (uri: string, who: string) => Promise<Result<void, Problem>>;

async function actOn(uri: string, { body }: ApiCall, act: RoomAct): Promise<Result<Reply, Problem>> {
  const wish = validate(somebody, body);
  if (!wish.ok) return wish;
  const acted = await act(uri, wish.value.who);
  return acted.ok ? ok(json(202, {})) : acted;
}

/** A name that no room can have is that of a room that does not exist. */
function atRoom(chatDomain: string, handler: RoomHandler): ApiHandler {
  return async (call) => {
    const uri = roomUri(call.name, chatDomain);
    return uri.ok ? handler(uri.value, call) : err(problem(404, 'not-found', `room: ${uri.error}`));
  };
}

/** An empty list of members is a change too, which protobuf alone could not tell from none. */
function toWire(policy: PolicyWish): focus.RoomPolicy {
  const { members, banned, speakers, ...rest } = policy;
  return {
    ...rest,
    members: members ?? [],
    membersPresent: members !== undefined,
    banned: banned && { items: banned },
    speakers: speakers && { items: speakers },
  };
}
