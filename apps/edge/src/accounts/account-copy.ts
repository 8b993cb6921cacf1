import { canonicalNumber } from '@parley/sip';
import type { AccountEntries } from '../location/account-entries.ts';
import type { Account } from './account.ts';

/** All accounts, as far as this edge knows: looking one up waits for nothing. */
export class AccountCopy {
  private readonly entries: AccountEntries;
  /** Names by telephone number. */
  private readonly numbers = new Map<string, string>();
  private withoutPassword = 0;
  /** Names of accounts whose removal has begun. */
  private readonly leavers = new Set<string>();
  private readonly removalListeners = new Set<(account: Account) => void>();

  constructor(entries: AccountEntries) {
    this.entries = entries;
  }

  /** Accounts that nobody can log in to by a password. */
  get passwordless(): number {
    return this.withoutPassword;
  }

  /** Accounts whose removal began and may have been cut short. */
  get leaving(): ReadonlySet<string> {
    return this.leavers;
  }

  find(name: string): Account | undefined {
    return this.entries.find(name)?.account;
  }

  /** The account that lists a telephone number, visual separators left out. @spec RFC 3966 §4 */
  findByNumber(number: string): Account | undefined {
    const name = this.numbers.get(canonicalNumber(number));
    return name === undefined ? undefined : this.find(name);
  }

  /** Names in code unit order, those after `cursor`, at most `limit`. */
  page(cursor: string, limit: number): readonly Account[] {
    const after: Account[] = [];
    for (const { name, account } of this.entries.all()) if (account !== undefined && name > cursor) after.push(account);
    return after.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
  }

  /** Hears of each account that was removed, whoever removed it; another of its name may be there already. */
  onRemoved(listener: (account: Account) => void): void {
    this.removalListeners.add(listener);
  }

  protected keep(account: Account): void {
    const entry = this.entries.at(account.name);
    const before = entry.account;
    if (before !== undefined) this.unlist(before);
    if (account.tel !== '') this.numbers.set(canonicalNumber(account.tel), account.name);
    if (account.secrets === undefined) this.withoutPassword += 1;
    this.leavers.delete(account.name);
    entry.account = account;
    entry.remembered = undefined;
    // Between two looks at the store one account may have gone and another have come.
    if (before !== undefined && before.createdAt < account.createdAt) this.tellRemoved(before);
  }

  /** The account cannot be used any more, though its name is not free. */
  protected keepLeaving(name: string): void {
    this.forget(name);
    this.leavers.add(name);
  }

  protected forget(name: string): void {
    this.leavers.delete(name);
    const entry = this.entries.find(name);
    const gone = entry?.account;
    if (entry === undefined || gone === undefined) return;
    this.unlist(gone);
    entry.account = undefined;
    entry.remembered = undefined;
    this.entries.release(entry);
    this.tellRemoved(gone);
  }

  /** Comes last: who hears of it may look here, and change what else is known of the name. */
  private tellRemoved(account: Account): void {
    for (const listener of this.removalListeners) listener(account);
  }

  /** Takes what is known of an account besides itself away. */
  private unlist({ name, tel, secrets }: Account): void {
    if (secrets === undefined) this.withoutPassword -= 1;
    const number = canonicalNumber(tel);
    if (tel !== '' && this.numbers.get(number) === name) this.numbers.delete(number);
  }
}
