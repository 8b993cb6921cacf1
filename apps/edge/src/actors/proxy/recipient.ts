import type { SipRequest } from '@parley/sip';
import type { AccountBook } from '../../accounts/account-book.ts';
import type { BindingBook } from '../../location/binding-book.ts';
import type { Binding } from '../../registrar/binding.ts';
import { isTarget } from '../../registrar/binding.ts';
import type { Gruus } from '../../registrar/gruus.ts';

/** Whom a request is for. */
export interface Recipient {
  readonly isKnown: boolean;
  readonly account: string;
  readonly live: readonly Binding[];
  /** Whether one device is meant, so that nobody else will do. */
  readonly isDevice: boolean;
}

/** Where recipients are looked up. */
export interface RecipientBooks {
  readonly accounts: Pick<AccountBook, 'find'>;
  readonly bindings: Pick<BindingBook, 'live'>;
  readonly gruus: Pick<Gruus, 'findTarget'>;
}

/**
 * Whom the Request-URI means: an account, or one device of it.
 *
 * @param name - of the account, where it is none of a device
 * @spec RFC 3261 §16.5, RFC 5627 §6.1
 */
export function recipientOf(
  request: SipRequest,
  name: string,
  { accounts, bindings, gruus }: RecipientBooks,
): Recipient {
  const gruu = gruus.findTarget(request);
  if (gruu === undefined) {
    const isKnown = accounts.find(name) !== undefined;
    return { isKnown, account: name, live: bindings.live(name), isDevice: false };
  }
  if (gruu.kind === 'unknown') return { isKnown: false, account: '', live: [], isDevice: true };
  // A binding for rooms takes no page mode, but its GRUU is an address for everything else.
  const live = gruu.bindings.filter((binding) => isTarget(binding) || request.method !== 'MESSAGE');
  return { isKnown: true, account: gruu.account, live, isDevice: true };
}
