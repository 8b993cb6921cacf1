import type { AuthParams } from '../grammar/auth-params.ts';
import { addAuthParam, failTwice, scanAuthName, scanAuthText, serialiseAuthParams } from '../grammar/auth-params.ts';
import { code } from '../grammar/characters.ts';
import type { Scanner } from '../grammar/scanner.ts';
import type { HeaderDefinition } from '../header-definition.ts';
import { checkHex, must, scanScheme } from './auth-scheme.ts';
import type { OtherParams, OtherScheme } from './auth-scheme.ts';
import { single } from './define.ts';
import { plainCredentials } from './plain-credentials.ts';

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
  readonly parameters: OtherParams;
}

/** Value of Authorization and Proxy-Authorization. */
export type Credentials = DigestCredentials | OtherScheme;

/** Credentials that are being read. */
interface Draft {
  username: string | undefined;
  realm: string | undefined;
  nonce: string | undefined;
  uri: string | undefined;
  response: string | undefined;
  algorithm: string | undefined;
  cnonce: string | undefined;
  opaque: string | undefined;
  qop: string | undefined;
  nc: string | undefined;
  others: AuthParams | undefined;
}

const noOthers: OtherParams = new Map<string, string>();

/** Keeps a parameter in its member, or among the others. */
function keep(s: Scanner, draft: Draft, name: string): void {
  switch (name) {
    case 'username':
    case 'realm':
    case 'nonce':
    case 'uri':
    case 'response':
    case 'algorithm':
    case 'cnonce':
    case 'opaque':
    case 'qop':
    case 'nc':
      if (draft[name] !== undefined) failTwice(s);
      draft[name] = scanAuthText(s);
      return;
    default:
      addAuthParam(s, (draft.others ??= new Map<string, string>()), name);
  }
}

function scanDraft(s: Scanner): Draft {
  const draft: Draft = {
    username: undefined,
    realm: undefined,
    nonce: undefined,
    uri: undefined,
    response: undefined,
    algorithm: undefined,
    cnonce: undefined,
    opaque: undefined,
    qop: undefined,
    nc: undefined,
    others: undefined,
  };
  do keep(s, draft, scanAuthName(s));
  while (s.separator(code.comma));
  return draft;
}

function scanDigest(s: Scanner): DigestCredentials {
  const { username, realm, nonce, uri, response, algorithm, cnonce, opaque, qop, nc, others } = scanDraft(s);
  checkHex(s, response, nc);
  return {
    kind: 'digest',
    username: must(s, username, 'username'),
    realm: must(s, realm, 'realm'),
    nonce: must(s, nonce, 'nonce'),
    uri: must(s, uri, 'uri'),
    response: must(s, response, 'response'),
    algorithm,
    cnonce,
    opaque,
    qop,
    nc,
    parameters: others ?? noOthers,
  };
}

function scanCredentials(s: Scanner): Credentials {
  return scanScheme<Credentials>(s, scanDigest);
}

function serialiseCredentials(credentials: Credentials): string {
  if (credentials.kind === 'other') return `${credentials.scheme} ${credentials.text}`;
  const { username, realm, nonce, uri, response, cnonce, opaque, algorithm, qop, nc } = credentials;
  const quoted = { username, realm, nonce, uri, response, cnonce, opaque };
  return `Digest ${serialiseAuthParams(quoted, { algorithm, qop, nc }, credentials.parameters)}`;
}

/** Proof for the UAS; one per line and realm. @spec RFC 3261 §20.7 */
export const authorization: HeaderDefinition<Credentials> = single(
  'Authorization',
  scanCredentials,
  serialiseCredentials,
  plainCredentials,
);

/** Proof for a proxy; one per line and realm. @spec RFC 3261 §20.28 */
export const proxyAuthorization: HeaderDefinition<Credentials> = single(
  'Proxy-Authorization',
  scanCredentials,
  serialiseCredentials,
  plainCredentials,
);
