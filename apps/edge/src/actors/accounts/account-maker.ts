import type { BusFailure } from '@parley/bus';
import type { Refusal, Result } from '@parley/prelude';
import { err, refusal } from '@parley/prelude';
import type { Account } from '../../accounts/account.ts';
import type { AccountBook } from '../../accounts/account-book.ts';
import type { ListBook } from '../../lists/list-book.ts';
import type { BindingBook } from '../../location/binding-book.ts';

/** What a maker of accounts is built from. */
export interface AccountMakerOptions {
  readonly accounts: Pick<AccountBook, 'add' | 'withdraw'>;
  readonly bindings: Pick<BindingBook, 'has' | 'removeAll'>;
  /** Lists, whose names no account may have. */
  readonly lists: Pick<ListBook, 'exists'>;
}

/** Stores a new account where its name is free; 409 where an account or a list has it. */
export async function makeAccount(
  account: Account,
  { accounts, bindings, lists }: AccountMakerOptions,
): Promise<Result<Account, Refusal | BusFailure>> {
  const { name, createdAt } = account;
  const made = await accounts.add(account);
  if (!made.ok) return made;
  // What an edge that died while the last account of this name was removed has left.
  if (bindings.has(name)) await bindings.removeAll(name, createdAt - 1);
  // Whoever makes a list looks for an account after it has written too: one of the two at least gives way.
  const list = await lists.exists(name);
  if (list.ok && !list.value) return made;
  await accounts.withdraw(account);
  return list.ok ? err(nameOfList) : list;
}

const nameOfList = refusal(409, 'Name Taken', 'expected a name that no list has');
