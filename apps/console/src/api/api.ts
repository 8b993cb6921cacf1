import type { IncomingMessage } from 'node:http';
import type { Result } from '@parley/prelude';
import { err } from '@parley/prelude';
import type { BearerCheck } from '../http/bearer.ts';
import type { Problem } from '../http/problem.ts';
import { problemReply } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { readJson } from '../http/request-body.ts';
import type { Match, Route } from '../http/router.ts';
import { matchRoute } from '../http/router.ts';

/** Path below which the API is. */
export const apiRoot = '/api/v1';

/** An answer, and which resource it is of; for metrics. */
export interface Answered {
  /** Path of the route; `other` for paths that are not served. */
  readonly route: string;
  readonly reply: Reply;
}

/** Answers a request below {@link apiRoot}. Rejects only when the client goes away, or on a fault. */
export type Api = (request: IncomingMessage, url: URL) => Promise<Answered>;

const contentMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** Puts the API together: who asks comes first, so that a stranger learns nothing of what is here. */
export function createApi(routes: readonly Route[], admit: BearerCheck): Api {
  return async (request, url) => {
    const admitted = admit(request.headers.authorization);
    if (!admitted.ok) return { route: 'other', reply: problemReply(admitted.error) };
    const match = matchRoute(routes, request.method ?? '', url.pathname.slice(apiRoot.length));
    if (!match.ok) return { route: 'other', reply: problemReply(match.error) };
    const outcome = await carryOut(match.value, request, url);
    return { route: match.value.path, reply: outcome.ok ? outcome.value : problemReply(outcome.error) };
  };
}

async function carryOut(
  match: Match,
  request: IncomingMessage,
  { searchParams }: URL,
): Promise<Result<Reply, Problem>> {
  const { method, handler, name, maxBody } = match;
  if (!contentMethods.has(method)) return handler({ name, query: searchParams, body: undefined });
  const body = await readJson(request, maxBody);
  return body.ok ? handler({ name, query: searchParams, body: body.value }) : err(body.error);
}
