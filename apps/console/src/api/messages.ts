import { err } from '@parley/prelude';
import { problem } from '../http/problem.ts';
import type { Route } from '../http/router.ts';

const unknown = problem(404, 'no-such-message', 'this version keeps no trace of messages');

/** What became of a message: the resource `/messages/{id}`. Nothing is traced, so no message is known. */
export const messageRoutes: readonly Route[] = [
  { path: '/messages/{id}', methods: { GET: () => Promise.resolve(err(unknown)) } },
];
