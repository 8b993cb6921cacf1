import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { Accounts } from '../adapters/accounts.ts';
import type { ConsoleEvents } from '../events.ts';
import type { Problem } from '../http/problem.ts';
import type { Reply } from '../http/reply.ts';
import { json, noContent } from '../http/reply.ts';
import type { ApiHandler, Route } from '../http/router.ts';
import { pageWish } from './page-wish.ts';
import { newPassword, newUser } from './user-schemas.ts';
import { validate } from './validate.ts';

/** Who has an account: the resources below `/users`. */
export function userRoutes(accounts: Accounts, events: ConsoleEvents): readonly Route[] {
  const create: ApiHandler = async ({ body }) => {
    const wish = validate(newUser, body);
    if (!wish.ok) return wish;
    const user = await accounts.create(wish.value);
    if (!user.ok) return user;
    events.userCreated(user.value.name);
    const location = `/api/v1/users/${encodeURIComponent(user.value.name)}`;
    return ok(json(201, user.value, { location }));
  };
  const list: ApiHandler = async ({ query }) => {
    const page = pageWish(query);
    return page.ok ? shown(await accounts.list(page.value)) : page;
  };
  const show: ApiHandler = async ({ name }) => shown(await accounts.show(name));
  const mailbox: ApiHandler = async ({ name }) => shown(await accounts.mailbox(name));
  const clearMailbox: ApiHandler = async ({ name }) => {
    const cleared = await accounts.clearMailbox(name);
    if (!cleared.ok) return cleared;
    events.mailboxCleared(name);
    return ok(noContent);
  };
  const remove: ApiHandler = async ({ name }) => {
    const removed = await accounts.remove(name);
    if (!removed.ok) return removed;
    events.userRemoved(name);
    return ok(noContent);
  };
  const setPassword: ApiHandler = async ({ name, body }) => {
    const wish = validate(newPassword, body);
    if (!wish.ok) return wish;
    const set = await accounts.setPassword(name, wish.value.password);
    if (!set.ok) return set;
    events.passwordSet(name);
    return ok(noContent);
  };
  return [
    { path: '/users', methods: { GET: list, POST: create } },
    { path: '/users/{name}', methods: { GET: show, DELETE: remove } },
    { path: '/users/{name}/mailbox', methods: { GET: mailbox, DELETE: clearMailbox } },
    { path: '/users/{name}/password', methods: { PUT: setPassword } },
  ];
}

/** 200 with what was asked for. */
export function shown(outcome: Result<unknown, Problem>): Result<Reply, Problem> {
  return outcome.ok ? ok(json(200, outcome.value)) : outcome;
}
