import { createHash, timingSafeEqual } from 'node:crypto';
import type { Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import type { Problem } from './problem.ts';
import { problem } from './problem.ts';

/** Looks at the value of an Authorization header field. */
export type BearerCheck = (authorization: string | undefined) => Result<void, Problem>;

/** `Bearer` and a b64token; the scheme in any case. @spec RFC 6750 §2.1, RFC 9110 §11.1 */
const credentials = /^bearer +([\w.~+/-]+=*) *$/i;

const disabled = problem(503, 'api-disabled', 'the API is off: PARLEY_ADMIN_TOKEN is not set');
const missing = problem(401, 'unauthorized', 'expected Authorization: Bearer and the admin token', {
  'www-authenticate': 'Bearer realm="parley"',
});
/** @spec RFC 6750 §3.1 */
const wrong = problem(401, 'unauthorized', 'the token is not the admin token', {
  'www-authenticate': 'Bearer realm="parley", error="invalid_token"',
});

/**
 * Admits who has the token; the time of a comparison tells nothing of it.
 *
 * @param token - undefined: nobody is admitted
 */
export function bearerCheck(token: string | undefined): BearerCheck {
  if (token === undefined) return () => err(disabled);
  const expected = digest(token);
  return (authorization) => {
    const given = credentials.exec(authorization ?? '')?.[1];
    if (given === undefined) return err(authorization === undefined ? missing : wrong);
    return timingSafeEqual(digest(given), expected) ? ok(undefined) : err(wrong);
  };
}

/** Brings tokens of any length to one, which the comparison needs. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
