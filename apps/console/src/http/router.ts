import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Problem } from './problem.ts';
import { problem } from './problem.ts';
import type { Reply } from './reply.ts';

/** A request for one resource, read. */
export interface ApiCall {
  /** What stands at the variable of the path, decoded; empty where there is none. */
  readonly name: string;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined for methods without content. */
  readonly body: unknown;
}

/** Carries out one method of one resource. */
export type ApiHandler = (call: ApiCall) => Promise<Result<Reply, Problem>>;

/** Methods of resources here; HEAD goes with GET. */
export type ApiMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A resource: its path, with at most one variable written `{…}`, and what can be done with it. */
export interface Route {
  readonly path: string;
  readonly methods: Readonly<Partial<Record<ApiMethod, ApiHandler>>>;
  /** Octets of the largest body, where it is not the usual. */
  readonly maxBody?: number;
}

/** The route of a request. */
export interface Match {
  readonly path: string;
  readonly method: ApiMethod;
  readonly handler: ApiHandler;
  readonly name: string;
  readonly maxBody: number | undefined;
}

const notFound = problem(
  404,
  'no-such-endpoint',
  'there is nothing at this path; see /api/v1/users, rooms, lists, services',
);

/** Finds the route of a request: 404 for a path that is not served, 405 with Allow for a method that is not. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Result<Match, Problem> {
  for (const route of routes) {
    const name = variableOf(route.path, path);
    if (name === undefined) continue;
    const wanted = method === 'HEAD' ? 'GET' : method;
    const found = Object.entries(route.methods).find(([offered]) => offered === wanted);
    if (found === undefined) return err(notAllowed(route, method));
    // a key of methods
    return ok({ path: route.path, method: found[0] as ApiMethod, handler: found[1], name, maxBody: route.maxBody });
  }
  return err(notFound);
}

/** @returns undefined when the path does not match, the empty string when it has no variable */
function variableOf(pattern: string, path: string): string | undefined {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  if (parts.length !== wanted.length) return undefined;
  let variable = '';
  for (const [at, part] of parts.entries()) {
    if (wanted[at]?.startsWith('{') !== true) {
      if (wanted[at] !== part) return undefined;
      continue;
    }
    const decoded = decodePart(part);
    if (decoded === undefined || decoded === '') return undefined;
    variable = decoded;
  }
  return variable;
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function notAllowed({ methods }: Route, method: string): Problem {
  const names = Object.keys(methods);
  const allow = (names.includes('GET') ? [...names, 'HEAD'] : names).join(', ');
  return problem(405, 'method-not-allowed', `${method} is not done here; expected ${allow}`, { allow });
}
