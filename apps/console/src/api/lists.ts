import { ok } from '@parley/prelude';
import type { Lists } from '../adapters/lists.ts';
import type { ConsoleEvents } from '../events.ts';
import { json, noContent } from '../http/reply.ts';
import type { ApiHandler, Route } from '../http/router.ts';
import { memberChange, newList, wholeList } from './list-schemas.ts';
import { pageWish } from './page-wish.ts';
import { shown } from './users.ts';
import { validate } from './validate.ts';

/** Octets of a body about a list: its members, some thousand. */
const maxBody = 2_097_152;

/** Lists with an address: the resources below `/lists`. */
export function listRoutes(lists: Lists, events: ConsoleEvents): readonly Route[] {
  const create: ApiHandler = async ({ body }) => {
    const wish = validate(newList, body);
    if (!wish.ok) return wish;
    const list = await lists.create(wish.value);
    if (!list.ok) return list;
    events.listCreated(list.value.name);
    return ok(json(201, list.value, { location: `/api/v1/lists/${encodeURIComponent(list.value.name)}` }));
  };
  const list: ApiHandler = async ({ query }) => {
    const page = pageWish(query);
    return page.ok ? shown(await lists.list(page.value)) : page;
  };
  const show: ApiHandler = async ({ name }) => shown(await lists.show(name));
  const replace: ApiHandler = async ({ name, body }) => {
    const wish = validate(wholeList, body);
    if (!wish.ok) return wish;
    const replaced = await lists.replace({ ...wish.value, name });
    if (replaced.ok) events.listChanged(name);
    return shown(replaced);
  };
  const changeMembers: ApiHandler = async ({ name, body }) => {
    const wish = validate(memberChange, body);
    if (!wish.ok) return wish;
    const changed = await lists.changeMembers({ ...wish.value, name });
    if (changed.ok) events.listChanged(name);
    return shown(changed);
  };
  const remove: ApiHandler = async ({ name }) => {
    const removed = await lists.remove(name);
    if (!removed.ok) return removed;
    events.listRemoved(name);
    return ok(noContent);
  };
  return [
    { path: '/lists', methods: { GET: list, POST: create }, maxBody },
    { path: '/lists/{name}', methods: { GET: show, PUT: replace, DELETE: remove }, maxBody },
    { path: '/lists/{name}/members', methods: { PATCH: changeMembers }, maxBody },
  ];
}
