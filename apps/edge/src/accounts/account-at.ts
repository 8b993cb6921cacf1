import type { Destination } from '../addresses/destination.ts';
import type { Account } from './account.ts';
import type { AccountBook } from './account-book.ts';

/** Whose address it is, of those here: by its name, or by the number that its account lists. */
export function accountAt(
  destination: Destination,
  accounts: Pick<AccountBook, 'find' | 'findByNumber'>,
): Account | undefined {
  if (destination.kind === 'telephone') return accounts.findByNumber(destination.number);
  return destination.kind === 'user' ? accounts.find(destination.name) : undefined;
}
