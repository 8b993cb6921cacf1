import type { DigestCredentials, SipRequest } from '@parley/sip';
import { algorithmOf } from './digest-hash.ts';
import type { DigestAlgorithm, DigestHash } from './digest-hash.ts';
import { digestResponse } from './digest-response.ts';
import { digestUriFits } from './digest-uri.ts';
import type { SameServer } from './digest-uri.ts';
import { equalSecrets } from './equal-secrets.ts';
import type { NonceIssuer } from './nonce-issuer.ts';

/**
 * HA1 of an account for the username exactly as it was hashed.
 *
 * @returns undefined when there is no such account, or none for this hash
 */
export type Ha1Lookup = (username: string, family: DigestAlgorithm['family']) => string | undefined;

/** What credentials prove. */
export type DigestVerdict =
  | { readonly kind: 'authorised'; readonly username: string }
  /** The secret is right, the nonce no longer serves: challenge again with `stale=true`. */
  | { readonly kind: 'stale' }
  /** Unknown user or wrong secret: challenge again, or refuse with 403 after some tries. */
  | { readonly kind: 'wrong' }
  /** Answer with 400. */
  | { readonly kind: 'malformed'; readonly message: string };

/** What verification needs besides the request. */
export interface VerifyOptions {
  readonly hash: DigestHash;
  readonly issuer: NonceIssuer;
  readonly ha1: Ha1Lookup;
  /** Whether two hosts are the same server, for the comparison of digest-uri and Request-URI; equal hosts by default. */
  readonly isSameServer?: SameServer;
}

const uncounted: ReadonlySet<string> = new Set(['ACK', 'CANCEL']);

/**
 * Verifies the credentials of a request and uses up their nonce count. Counts may come in any order; on ACK and CANCEL,
 * which carry those of their INVITE, they are not looked at (RFC 3261 §22.1). Without qop a nonce serves once.
 *
 * @spec RFC 7616 §3.4.6, RFC 8760 §2.6
 */
export function verify(request: SipRequest, credentials: DigestCredentials, options: VerifyOptions): DigestVerdict {
  const algorithm = algorithmOf(credentials.algorithm, options.hash);
  const fault = algorithm === undefined ? 'expected MD5 or SHA-256' : faultOf(request, credentials, algorithm, options);
  if (algorithm === undefined || fault !== undefined) return { kind: 'malformed', message: fault ?? '' };
  if (!isProved(request, credentials, algorithm, options.ha1)) return { kind: 'wrong' };
  return spend(request.method, credentials, options.issuer);
}

function faultOf(
  request: SipRequest,
  credentials: DigestCredentials,
  algorithm: DigestAlgorithm,
  { isSameServer }: VerifyOptions,
): string | undefined {
  const { qop, nc, cnonce, uri } = credentials;
  if (qop !== undefined && qop.toLowerCase() !== 'auth') return 'expected qop=auth';
  if (qop !== undefined && (nc === undefined || cnonce === undefined)) return 'expected nc and cnonce with qop';
  if (algorithm.session && cnonce === undefined) return 'expected cnonce with a -sess algorithm';
  if (!digestUriFits(uri, request.requestUri, isSameServer)) return 'expected a digest-uri that fits the Request-URI';
  return undefined;
}

/** An unknown user costs the same work as a wrong secret. */
function isProved(
  { method }: SipRequest,
  { username, response, uri, nonce, qop, nc, cnonce }: DigestCredentials,
  algorithm: DigestAlgorithm,
  lookup: Ha1Lookup,
): boolean {
  const ha1 = lookup(username, algorithm.family);
  const expected = digestResponse(ha1 ?? 'nobody', algorithm, { method, uri, nonce, qop, nc, cnonce });
  const proved = equalSecrets(response.toLowerCase(), expected);
  return proved && ha1 !== undefined;
}

function spend(method: string, { nonce, nc, qop, username }: DigestCredentials, issuer: NonceIssuer): DigestVerdict {
  if (uncounted.has(method)) return issuer.isAlive(nonce) ? { kind: 'authorised', username } : { kind: 'stale' };
  const count = qop === undefined || nc === undefined ? undefined : parseInt(nc, 16);
  if (issuer.inspect(nonce, count) === 'stale') return { kind: 'stale' };
  issuer.use(nonce, count);
  return { kind: 'authorised', username };
}
