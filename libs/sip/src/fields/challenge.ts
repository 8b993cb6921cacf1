import type { AuthParams } from '../grammar/auth-params.ts';
import { scanAuthParams, serialiseAuthParams } from '../grammar/auth-params.ts';
import { isToken } from '../grammar/characters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { must, present, scanScheme, take } from './auth-scheme.ts';
import type { OtherParams, OtherScheme } from './auth-scheme.ts';
import { single } from './define.ts';

/** What the server wants proved. @spec RFC 3261 §20.44, RFC 7616 §3.3, RFC 8760 §2 */
export interface DigestChallenge {
  readonly kind: 'digest';
  /** Unicode. */
  readonly realm: string;
  readonly nonce: string;
  readonly domain?: string | undefined;
  readonly opaque?: string | undefined;
  /** The nonce was too old, the secret may be right. */
  readonly stale?: boolean | undefined;
  /** `MD5`, `SHA-256` …; absent means MD5. */
  readonly algorithm?: string | undefined;
  /** Protections on offer: `auth`, `auth-int`. */
  readonly qop?: readonly string[] | undefined;
  readonly parameters: OtherParams;
}

/** Value of WWW-Authenticate and Proxy-Authenticate. */
export type Challenge = DigestChallenge | OtherScheme;

function takeQopOptions(s: Scanner, params: AuthParams): readonly string[] | undefined {
  const options = take(params, 'qop')
    ?.split(',')
    .map((option) => option.trim());
  if (options?.every(isToken) === false) s.fail('qop-options', 'expected tokens with commas between them');
  return options;
}

function scanChallenge(s: Scanner): Challenge {
  return scanScheme<Challenge>(s, () => {
    const params = scanAuthParams(s);
    const stale = take(params, 'stale')?.toLowerCase();
    const qop = takeQopOptions(s, params);
    return {
      kind: 'digest',
      realm: must(s, take(params, 'realm'), 'realm'),
      nonce: must(s, take(params, 'nonce'), 'nonce'),
      ...present({
        domain: take(params, 'domain'),
        opaque: take(params, 'opaque'),
        algorithm: take(params, 'algorithm'),
      }),
      ...(stale === undefined ? {} : { stale: stale === 'true' }),
      ...(qop === undefined ? {} : { qop }),
      parameters: params,
    };
  });
}

function serialiseChallenge(challenge: Challenge): string {
  if (challenge.kind === 'other') return `${challenge.scheme} ${challenge.text}`;
  const { realm, domain, nonce, opaque, qop, stale, algorithm } = challenge;
  const quoted = { realm, domain, nonce, opaque, qop: qop?.join(',') };
  const bare = { stale: stale === undefined ? undefined : String(stale), algorithm };
  return `Digest ${serialiseAuthParams(quoted, bare, challenge.parameters)}`;
}

/** Challenge of the UAS (401); one per line. @spec RFC 3261 §20.44 */
export const wwwAuthenticate: HeaderDefinition<Challenge> = single(
  'WWW-Authenticate',
  scanChallenge,
  serialiseChallenge,
);

/** Challenge of a proxy (407); one per line. @spec RFC 3261 §20.27 */
export const proxyAuthenticate: HeaderDefinition<Challenge> = single(
  'Proxy-Authenticate',
  scanChallenge,
  serialiseChallenge,
);
