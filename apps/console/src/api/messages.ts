import type { Lists } from '../adapters/lists.ts';
import type { Route } from '../http/router.ts';
import { shown } from './users.ts';

/** What became of a message: the resource `/messages/{id}`. Messages to lists are followed, and those that ask for notifications. */
export function messageRoutes(lists: Lists): readonly Route[] {
  return [{ path: '/messages/{id}', methods: { GET: async ({ name }) => shown(await lists.message(name)) } }];
}
