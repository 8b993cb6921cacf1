import type { OidcSettings } from '@parley/service';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';

/** What a token proves, or why it proves nothing. */
export type TokenVerdict =
  | { readonly kind: 'proved'; readonly account: string; /** Seconds since 1970. */ readonly expires: number }
  | { readonly kind: 'expired' }
  | { readonly kind: 'lacks-scope' }
  | { readonly kind: 'forged' }
  /** The keys of the issuer could not be had. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

/** What a reader is built from. */
export interface TokenReaderOptions extends OidcSettings {
  readonly domain: string;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
}

/** Signatures that only the issuer can make; none under a secret that we would have to know. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Milliseconds for the issuer to answer, and until it is asked again. */
const patience = 5_000;

/** Reads JSON Web Tokens of one issuer, whose keys are fetched when they are first needed and kept. @spec RFC 7519 §7.2 */
export class TokenReader {
  private readonly options: TokenReaderOptions;
  private keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(options: TokenReaderOptions) {
    this.options = options;
  }

  async read(token: string): Promise<TokenVerdict> {
    const { issuer, audience, domain, wallTime } = this.options;
    try {
      const { payload } = await jwtVerify(token, await this.keySet(), {
        issuer,
        audience: audience ?? domain,
        algorithms,
        requiredClaims: ['exp'],
        currentDate: new Date(wallTime()),
      });
      return this.judge(payload);
    } catch (cause) {
      return verdictOf(cause);
    }
  }

  private judge(payload: JWTPayload): TokenVerdict {
    const { claim, scope, domain } = this.options;
    const granted = typeof payload['scope'] === 'string' ? payload['scope'].split(' ') : [];
    if (scope?.split(' ').every((wanted) => granted.includes(wanted)) === false) return { kind: 'lacks-scope' };
    const named = payload[claim];
    const account = typeof named === 'string' ? nameIn(named, domain) : undefined;
    return account === undefined ? { kind: 'forged' } : { kind: 'proved', account, expires: payload.exp ?? 0 };
  }

  /** One fetch for all who wait; a failed one is forgotten after a while, not at once. */
  private keySet(): Promise<JWTVerifyGetKey> {
    this.keys ??= this.fetchKeySet().catch((error: unknown) => {
      setTimeout(() => (this.keys = undefined), patience).unref();
      throw error;
    });
    return this.keys;
  }

  private async fetchKeySet(): Promise<JWTVerifyGetKey> {
    const url = this.options.jwks ?? (await this.discover());
    return createRemoteJWKSet(new URL(url), { timeoutDuration: patience });
  }

  /** @spec OpenID Connect Discovery 1.0 §4, RFC 8414 §3 */
  private async discover(): Promise<string> {
    const url = `${this.options.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(url, { signal: AbortSignal.timeout(patience) });
    const configuration: unknown = response.ok ? await response.json() : undefined;
    if (typeof configuration === 'object' && configuration !== null && 'jwks_uri' in configuration) {
      if (typeof configuration.jwks_uri === 'string') return configuration.jwks_uri;
    }
    throw new Error(`expected a jwks_uri at ${url}`);
  }
}

/** The account that a claim names: by its name, or its address in the domain; undefined for an address elsewhere. */
function nameIn(claim: string, domain: string): string | undefined {
  const bare = claim.replace(/^sips?:/i, '');
  const at = bare.lastIndexOf('@');
  if (at === -1) return bare;
  return bare.slice(at + 1).toLowerCase() === domain ? bare.slice(0, at) : undefined;
}

function verdictOf(cause: unknown): TokenVerdict {
  if (cause instanceof errors.JWTExpired) return { kind: 'expired' };
  const isOurTrouble = cause instanceof errors.JWKSTimeout || cause instanceof errors.JWKSInvalid;
  if (cause instanceof errors.JOSEError && !isOurTrouble && cause.code !== 'ERR_JOSE_GENERIC')
    return { kind: 'forged' };
  return { kind: 'unknown', cause };
}
