import { nicknameKey } from '@parley/precis';
import type { NicknameKey } from '@parley/precis';

/** What decides whether a user may have a nickname that nobody holds. */
export interface Entitlement {
  /** Words that nobody gets. */
  readonly reserved: ReadonlySet<NicknameKey>;
  /** Domains served: a nickname that reads as an address of one is for the user of that address alone. */
  readonly domains: ReadonlySet<string>;
}

/** The entitlement of a configuration; a word that is no nickname reserves nothing. */
export function entitlementOf(words: readonly string[], domains: readonly string[]): Entitlement {
  const keys = words.map(nicknameKey).flatMap((key) => (key.ok ? [key.value] : []));
  return { reserved: new Set(keys), domains: new Set(domains.map((domain) => domain.toLowerCase())) };
}

const address = /^(?:sips?:|im:|pres:|mailto:)?([^\s@]+)@([^\s@:;?]+)/u;

/**
 * Whether a user may have a nickname, whoever holds it now.
 *
 * @param holder - address-of-record
 * @spec draft-ietf-simple-chat-03 §7.1 ("validate that the SIP AOR is entitled to reserve the nickname"); RFC 7701 §10
 */
export function isEntitled(key: NicknameKey, holder: string, { reserved, domains }: Entitlement): boolean {
  if (reserved.has(key)) return false;
  const [, user, domain] = address.exec(key) ?? [];
  if (user === undefined || domain === undefined || !domains.has(domain)) return true;
  return holder.replace(/^sips?:/, '').toLowerCase() === `${user}@${domain}`;
}
