import type { SipRequest } from '@parley/sip';
import { field, read, readAll, readRaw, readRawAll, withAppended, without, withRawField } from '@parley/sip';
import type { Account } from '../accounts/account.ts';
import { ok } from '@parley/prelude';
import type { HeaderDefinition } from '@parley/sip';

/** Who sent a request, as far as this server vouches for it. */
export interface Origin {
  /** Account that was authenticated; empty for a sender of another domain, and where a dialog's token stood for it. */
  readonly account: string;
  /** Values of P-Asserted-Identity that may go with the request; none where nobody vouches. */
  readonly asserted: readonly string[];
  /** Whether From is known to be true: by digest, or because a peer answers for its domain. */
  readonly isProved: boolean;
}

const nobody: readonly string[] = [];

/** The origin of a request that an account sent: we vouch for its address, or its number where it prefers that. @spec RFC 3325 §5, §6 */
export function originOfAccount(request: SipRequest, account: Account, domain: string): Origin {
  return new AccountOrigin(request, account, domain);
}

/** Looks at the account only when it is asked: hardly any message needs to know more than that there is one. */
class AccountOrigin implements Origin {
  readonly isProved = true;
  private readonly request: SipRequest;
  private readonly sender: Account;
  private readonly domain: string;

  constructor(request: SipRequest, sender: Account, domain: string) {
    this.request = request;
    this.sender = sender;
    this.domain = domain;
  }

  get account(): string {
    return this.sender.name;
  }

  get asserted(): readonly string[] {
    const { name, displayName, tel } = this.sender;
    const own = `${displayName === '' ? '' : `"${displayName.replace(/["\\]/g, '')}" `}<sip:${name}@${this.domain}>`;
    const preferred = readAll(this.request, field.pPreferredIdentity);
    const wantsNumber = preferred.ok && preferred.value.some(({ uri }) => uri.kind === 'tel');
    return wantsNumber && tel !== '' ? [own, `<tel:${tel}>`] : [own];
  }
}

/** The origin of a request of another domain: what its server asserts counts only where that is of our trust domain. @spec RFC 3325 §5 */
export function originBeyond(request: SipRequest, trusted: boolean): Origin {
  const asserted = trusted ? readRawAll(request, 'P-Asserted-Identity') : nobody;
  return { account: '', asserted, isProved: trusted };
}

const asText: HeaderDefinition<string> = {
  name: 'P-Asserted-Identity',
  list: true,
  parse: (text) => ok(text),
  serialise: (text) => text,
};

/**
 * The request with the identity that its next hop may know: among those that trust each other always; beyond them never
 * with `Privacy: id`, and else where the sender asked for it or a peer gave it.
 *
 * @param trusted - whether the next hop is of the trust domain
 * @spec RFC 3325 §5, §7
 */
export function identified(request: SipRequest, origin: Origin, trusted: boolean): SipRequest {
  const preferred = readRaw(request, 'P-Preferred-Identity');
  const claimed = readRaw(request, 'P-Asserted-Identity');
  if (!trusted && preferred === undefined && claimed === undefined) return request;
  let bare = preferred === undefined ? request : without(request, field.pPreferredIdentity);
  if (claimed !== undefined) bare = without(bare, field.pAssertedIdentity);
  const isShown = trusted || (!wantsPrivacy(request) && (origin.account === '' || preferred !== undefined));
  if (!isShown) return bare;
  const [first, ...others] = origin.asserted;
  if (first === undefined) return bare;
  return others.reduce((next, value) => withAppended(next, asText, value), withRawField(bare, asText.name, first));
}

function wantsPrivacy(request: SipRequest): boolean {
  const privacy = read(request, field.privacy);
  return !privacy.ok || privacy.value?.some((value) => value.toLowerCase() === 'id') === true;
}
