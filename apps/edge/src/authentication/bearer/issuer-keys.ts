import { createLocalJWKSet, createRemoteJWKSet, errors } from 'jose';
import type { JWTVerifyGetKey } from 'jose';

/** Where the keys of an issuer are. */
export interface IssuerKeysOptions {
  readonly issuer: string;
  /** By default what the issuer's configuration names. */
  readonly jwks: string | undefined;
  /** Milliseconds for which keys are taken without asking again. */
  readonly freshness?: number | undefined;
}

/** Milliseconds for the issuer to answer, and until it is asked again. */
const patience = 5_000;
/** Milliseconds; so long a token may serve whose key its issuer took back. */
const freshFor = 600_000;

/** The keys of an issuer, fetched when they are first needed; those that it gave last serve while it does not answer. */
export class IssuerKeys {
  private readonly options: IssuerKeysOptions;
  private keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(options: IssuerKeysOptions) {
    this.options = options;
  }

  /** Finds the key of a token. */
  readonly find: JWTVerifyGetKey = async (header, token) => (await this.keySet())(header, token);

  /** One fetch for all who wait; a failed one is forgotten after a while, not at once. */
  private keySet(): Promise<JWTVerifyGetKey> {
    this.keys ??= this.locate().catch((error: unknown) => {
      setTimeout(() => (this.keys = undefined), patience).unref();
      throw error;
    });
    return this.keys;
  }

  private async locate(): Promise<JWTVerifyGetKey> {
    const { jwks, freshness } = this.options;
    const url = new URL(jwks ?? (await this.discover()));
    const remote = createRemoteJWKSet(url, { timeoutDuration: patience, cacheMaxAge: freshness ?? freshFor });
    /** The keys that it gave last, and why it is left alone for a while: who waited for it would find the same. */
    let resort: { readonly find: JWTVerifyGetKey; readonly cause: unknown } | undefined;
    return async (header, token) => {
      if (resort === undefined) {
        try {
          return await remote(header, token);
        } catch (cause) {
          const last = remote.jwks();
          if (last === undefined || !isTroubleOfIssuer(cause)) throw cause;
          resort = { find: createLocalJWKSet(last), cause };
          setTimeout(() => (resort = undefined), patience).unref();
        }
      }
      const { find, cause } = resort;
      try {
        return await find(header, token);
      } catch {
        // A key that is not among them may be one that the issuer would have told of.
        throw cause;
      }
    };
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

/** Whether the issuer's keys could not be had, rather than a token be bad. */
export function isTroubleOfIssuer(cause: unknown): boolean {
  if (cause instanceof errors.JWKSTimeout || cause instanceof errors.JWKSInvalid) return true;
  return !(cause instanceof errors.JOSEError) || cause.code === 'ERR_JOSE_GENERIC';
}
