import { url } from './address-types.ts';
import { text } from './setting-type.ts';
import type { Setting, SettingTable, SettingValues } from './setting-table.ts';
import type { SettingType } from './setting-type.ts';

function setting<T>(type: SettingType<T>, meaning: string): Setting<T> {
  return { type, meaning };
}

/** Bearer tokens for SIP (RFC 8898); none are taken unless an issuer is named. */
export const oidcTable = {
  PARLEY_OIDC_ISSUER: setting(url('https', 'http'), 'who signs the bearer tokens taken; unset, none are'),
  PARLEY_OIDC_AUDIENCE: setting(text, 'whom tokens must be for; by default the domain'),
  PARLEY_OIDC_JWKS: setting(url('https', 'http'), 'keys of the issuer; by default as its configuration says'),
  PARLEY_OIDC_CLAIM: setting(text, 'claim that names the account; preferred_username by default'),
  PARLEY_OIDC_SCOPE: setting(text, 'scope that a token must have, and that is asked for; by default any'),
} as const satisfies SettingTable;

/** Whose bearer tokens are taken, and what they must say. */
export interface OidcSettings {
  readonly issuer: string;
  /** By default the SIP domain. */
  readonly audience: string | undefined;
  /** By default what the issuer's configuration names. */
  readonly jwks: string | undefined;
  readonly claim: string;
  readonly scope: string | undefined;
}

/** Undefined when no issuer is named. */
export function oidcSettings(read: SettingValues<typeof oidcTable>): OidcSettings | undefined {
  const { PARLEY_OIDC_ISSUER: issuer } = read;
  if (issuer === undefined) return undefined;
  return {
    issuer,
    audience: read.PARLEY_OIDC_AUDIENCE,
    jwks: read.PARLEY_OIDC_JWKS,
    claim: read.PARLEY_OIDC_CLAIM ?? 'preferred_username',
    scope: read.PARLEY_OIDC_SCOPE,
  };
}
