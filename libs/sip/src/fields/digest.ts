import type { AuthParams } from '../grammar/auth-params.ts';
import { scanAuthParams, serialiseAuthParams } from '../grammar/auth-params.ts';
import { isToken } from '../grammar/characters.ts';
import { unquote } from '../grammar/quoted.ts';
import type { Scanner } from '../grammar/scanner.ts';
import { trimBlanks } from '../grammar/split-list.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { single } from './define.ts';

/** Parameters of a scheme that have no member of their own, values as they are written. */
type Others = ReadonlyMap<string, string>;

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
  readonly parameters: Others;
}

/** The proof. @spec RFC 3261 §20.7, RFC 7616 §3.4 */
export interface DigestCredentials {
  readonly kind: 'digest';
  /** Unicode. */
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  /** Digest-uri as it was hashed. */
  readonly uri: string;
  /** Hexadecimal digits. */
  readonly response: string;
  readonly algorithm?: string | undefined;
  readonly cnonce?: string | undefined;
  readonly opaque?: string | undefined;
  readonly qop?: string | undefined;
  /** Nonce count as it was hashed, eight hexadecimal digits. */
  readonly nc?: string | undefined;
  readonly parameters: Others;
}

/** The server's own proof, or its next nonce. @spec RFC 3261 §20.6, RFC 7616 §3.5 */
export interface AuthenticationInfo {
  readonly nextnonce?: string | undefined;
  readonly rspauth?: string | undefined;
  readonly qop?: string | undefined;
  readonly cnonce?: string | undefined;
  readonly nc?: string | undefined;
  readonly parameters: Others;
}

/** A scheme that this library does not interpret, e.g. Bearer. @spec RFC 8898 §2 */
export interface OtherScheme {
  readonly kind: 'other';
  readonly scheme: string;
  /** What follows the scheme. */
  readonly text: string;
}

/** Value of WWW-Authenticate and Proxy-Authenticate. */
export type Challenge = DigestChallenge | OtherScheme;

/** Value of Authorization and Proxy-Authorization. */
export type Credentials = DigestCredentials | OtherScheme;

const hex = /^[0-9A-Fa-f]*$/;
const nonceCount = /^[0-9A-Fa-f]{8}$/;

function take(params: AuthParams, name: string): string | undefined {
  const value = params.get(name);
  params.delete(name);
  return value === undefined ? undefined : unquote(value);
}

function must(s: Scanner, params: AuthParams, name: string): string {
  const value = take(params, name);
  if (value === undefined) s.fail(name, `expected ${name}`, 'RFC 7616 §3.4');
  return value ?? '';
}

/** Keeps the members that have a value. */
function present<K extends string>(members: Readonly<Record<K, string | undefined>>): Partial<Record<K, string>> {
  const kept: Partial<Record<K, string>> = {};
  for (const name in members) {
    const value = members[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function scanScheme<T>(s: Scanner, digest: (s: Scanner) => T): T | OtherScheme {
  const scheme = s.token('auth-scheme');
  s.expectBlanks('auth-scheme');
  if (scheme.toLowerCase() === 'digest') return digest(s);
  const text = trimBlanks(s.text, s.at, s.end);
  s.at = s.end;
  return { kind: 'other', scheme, text };
}

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
      realm: must(s, params, 'realm'),
      nonce: must(s, params, 'nonce'),
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

function checkHex(s: Scanner, credentials: { readonly response?: string; readonly nc?: string }): void {
  if (!hex.test(credentials.response ?? '')) s.fail('request-digest', 'expected hexadecimal digits');
  if (credentials.nc !== undefined && !nonceCount.test(credentials.nc)) {
    s.fail('nc-value', 'expected eight hexadecimal digits');
  }
}

function scanCredentials(s: Scanner): Credentials {
  return scanScheme<Credentials>(s, () => {
    const params = scanAuthParams(s);
    const credentials = {
      kind: 'digest' as const,
      username: must(s, params, 'username'),
      realm: must(s, params, 'realm'),
      nonce: must(s, params, 'nonce'),
      uri: must(s, params, 'uri'),
      response: must(s, params, 'response'),
      ...present({
        algorithm: take(params, 'algorithm'),
        cnonce: take(params, 'cnonce'),
        opaque: take(params, 'opaque'),
        qop: take(params, 'qop'),
        nc: take(params, 'nc'),
      }),
      parameters: params,
    };
    checkHex(s, credentials);
    return credentials;
  });
}

function serialiseCredentials(credentials: Credentials): string {
  if (credentials.kind === 'other') return `${credentials.scheme} ${credentials.text}`;
  const { username, realm, nonce, uri, response, cnonce, opaque, algorithm, qop, nc } = credentials;
  const quoted = { username, realm, nonce, uri, response, cnonce, opaque };
  return `Digest ${serialiseAuthParams(quoted, { algorithm, qop, nc }, credentials.parameters)}`;
}

function scanInfo(s: Scanner): AuthenticationInfo {
  const params = scanAuthParams(s);
  const info = present({
    nextnonce: take(params, 'nextnonce'),
    rspauth: take(params, 'rspauth'),
    qop: take(params, 'qop'),
    cnonce: take(params, 'cnonce'),
    nc: take(params, 'nc'),
  });
  checkHex(s, { ...info, response: info.rspauth ?? '' });
  return { ...info, parameters: params };
}

function serialiseInfo(info: AuthenticationInfo): string {
  const { nextnonce, rspauth, cnonce, qop, nc } = info;
  return serialiseAuthParams({ nextnonce, rspauth, cnonce }, { qop, nc }, info.parameters);
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

/** Proof for the UAS; one per line and realm. @spec RFC 3261 §20.7 */
export const authorization: HeaderDefinition<Credentials> = single(
  'Authorization',
  scanCredentials,
  serialiseCredentials,
);

/** Proof for a proxy; one per line and realm. @spec RFC 3261 §20.28 */
export const proxyAuthorization: HeaderDefinition<Credentials> = single(
  'Proxy-Authorization',
  scanCredentials,
  serialiseCredentials,
);

/** What follows a successful proof. @spec RFC 3261 §20.6 */
export const authenticationInfo: HeaderDefinition<AuthenticationInfo> = single(
  'Authentication-Info',
  scanInfo,
  serialiseInfo,
);
