import { ok } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiHandler } from '../../src/http/router.ts';
import { matchRoute } from '../../src/http/router.ts';
import { noContent } from '../../src/http/reply.ts';

const handler: ApiHandler = () => Promise.resolve(ok(noContent));
const routes = [
  { path: '/users', methods: { GET: handler, POST: handler } },
  { path: '/users/{name}', methods: { GET: handler } },
  { path: '/users/{name}/password', methods: { PUT: handler } },
];

describe('routes', () => {
  it('find any name that was encoded as a part of a path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        const match = matchRoute(routes, 'GET', `/users/${encodeURIComponent(name)}`);
        expect(match).toMatchObject({ ok: true, value: { name, path: '/users/{name}' } });
      }),
    );
  });

  it('answer any method and path without throwing', () => {
    const path = fc.array(fc.oneof(fc.constantFrom('users', 'password', '', '%', '%ff', '..'), fc.string()));
    fc.assert(
      fc.property(fc.string(), path, (method, parts) => {
        const match = matchRoute(routes, method, `/${parts.join('/')}`);
        expect(match.ok || [404, 405].includes(match.error.status)).toBe(true);
      }),
    );
  });

  it('let HEAD go where GET goes, and nothing else', () => {
    expect(matchRoute(routes, 'HEAD', '/users')).toMatchObject({ ok: true, value: { method: 'GET' } });
    expect(matchRoute(routes, 'HEAD', '/users/a/password')).toMatchObject({ ok: false, error: { status: 405 } });
    expect(matchRoute(routes, 'toString', '/users')).toMatchObject({ ok: false, error: { status: 405 } });
  });
});
