import type { OidcSettings } from '@parley/service';
import { errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { IssuerKeys, isTroubleOfIssuer } from './issuer-keys.ts';

/** What a token proves, or why it proves nothing. */
export type TokenVerdict =
  | { readonly kind: 'proved'; readonly account: string; /** Seconds since 1970. */ readonly expires: number }
  | { readonly kind: 'lacks-scope' }
  /** The issuer signed it, but it is past its time, or for others. */
  | { readonly kind: 'useless' }
  /** It cannot be told which of the keys last fetched is its own, as may be when the issuer has just changed them. */
  | { readonly kind: 'unknown-key' }
  | { readonly kind: 'forged' }
  /** The keys of the issuer could not be had. */
  | { readonly kind: 'unknown'; readonly cause: unknown };

/** What a reader is built from. */
export interface TokenReaderOptions extends OidcSettings {
  readonly domain: string;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
  /** Milliseconds for which keys are taken without asking again. */
  readonly freshness?: number;
}

/** Signatures that only the issuer can make; none under a secret that we would have to know. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Seconds that the clock of the issuer may be off. @spec RFC 7519 §4.1.4, §4.1.5 */
const leeway = 10;

/** Reads JSON Web Tokens of one issuer. @spec RFC 7519 §7.2 */
export class TokenReader {
  private readonly options: TokenReaderOptions;
  private readonly keys: IssuerKeys;

  constructor(options: TokenReaderOptions) {
    this.options = options;
    this.keys = new IssuerKeys(options);
  }

  async read(token: string): Promise<TokenVerdict> {
    const { issuer, audience, domain, wallTime } = this.options;
    try {
      const { payload } = await jwtVerify(token, this.keys.find, {
        issuer,
        audience: audience ?? domain,
        algorithms,
        requiredClaims: ['exp'],
        clockTolerance: leeway,
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
    if (account === undefined) return { kind: 'useless' };
    return { kind: 'proved', account, expires: (payload.exp ?? 0) + leeway };
  }
}

/** The account that a claim names: by its name, or its address in the domain; undefined for an address elsewhere. */
function nameIn(claim: string, domain: string): string | undefined {
  const bare = claim.replace(/^sips?:/i, '');
  const at = bare.lastIndexOf('@');
  if (at === -1) return bare;
  return bare.slice(at + 1).toLowerCase() === domain ? bare.slice(0, at) : undefined;
}

/** A signature is verified before what it signs: only what has one that does not fit is an attempt. */
function verdictOf(cause: unknown): TokenVerdict {
  if (isTroubleOfIssuer(cause)) return { kind: 'unknown', cause };
  const { JWKSNoMatchingKey, JWKSMultipleMatchingKeys } = errors;
  if (cause instanceof JWKSNoMatchingKey || cause instanceof JWKSMultipleMatchingKeys) return { kind: 'unknown-key' };
  const isSigned = cause instanceof errors.JWTExpired || cause instanceof errors.JWTClaimValidationFailed;
  return { kind: isSigned ? 'useless' : 'forged' };
}
