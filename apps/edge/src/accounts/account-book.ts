import type { BucketEntry, Bus, BusFailure, Following } from '@parley/bus';
import { followBucket } from '@parley/bus';
import { accountKey, buckets, decodeToken, edge } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { canonicalNumber } from '@parley/sip';
import { accountFromRecord, accountToRecord } from '../adapters/account-record.ts';
import type { AccountEntries, AccountEntry } from '../location/account-entries.ts';
import type { Account } from './account.ts';

/**
 * All accounts, from a watched copy of their bucket: looking one up waits for nothing. The bucket stays the truth; what
 * is written through the book is in its copy once the write is acknowledged.
 */
export class AccountBook implements Disposable {
  private readonly bucket;
  private readonly entries: AccountEntries;
  /** Names by telephone number. */
  private readonly numbers = new Map<string, string>();
  private withoutPassword = 0;
  private readonly following: Following;
  private readonly removalListeners = new Set<(account: Account) => void>();

  constructor(bus: Bus, entries: AccountEntries) {
    this.entries = entries;
    this.bucket = bus.bucket(buckets.accounts, edge.AccountRecord);
    this.following = followBucket(this.bucket, (event) => {
      if (event.kind === 'put') this.keep(event.value);
      else this.forget(event.key);
    });
  }

  /** Settles once the copy holds all that existed when the book was opened. */
  get filled(): Promise<void> {
    return this.following.filled;
  }

  /** Accounts that nobody can log in to by a password. */
  get passwordless(): number {
    return this.withoutPassword;
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

  /** Whether the store has the name now, whatever this copy says. */
  async exists(name: string): Promise<Result<boolean, BusFailure>> {
    const entry = await this.bucket.get(accountKey(name));
    return entry.ok ? ok(entry.value !== undefined) : entry;
  }

  /** The account as the store has it now; from then on this copy knows it. */
  async read(name: string): Promise<Result<Account | undefined, BusFailure>> {
    const entry = await this.bucket.get(accountKey(name));
    if (!entry.ok) return entry;
    if (entry.value !== undefined) this.keep(entry.value.value);
    return ok(this.find(name));
  }

  /** Stores an account that must not exist; 409 when it does. */
  async add(account: Account): Promise<Result<Account, Refusal | BusFailure>> {
    const record = accountToRecord(account);
    const created = await this.bucket.create(accountKey(account.name), record);
    if (!created.ok) return created;
    if (created.value.outcome === 'exists') return err(taken);
    this.keep(record);
    return ok(account);
  }

  /** Replaces an account by what `change` makes of it; 404 when there is none, 409 when somebody else changed it. */
  async change(name: string, change: (account: Account) => Account): Promise<Result<Account, Refusal | BusFailure>> {
    const entry = await this.bucket.get(accountKey(name));
    if (!entry.ok) return entry;
    return entry.value === undefined ? err(unknown) : await this.replace(entry.value, change);
  }

  /** Removes an account, and gives back what it was; 404 when there is none, 409 when somebody else changed it. */
  async remove(name: string): Promise<Result<Account, Refusal | BusFailure>> {
    const entry = await this.bucket.get(accountKey(name));
    if (!entry.ok) return entry;
    if (entry.value === undefined) return err(unknown);
    const deleted = await this.bucket.delete(accountKey(name), entry.value.revision);
    if (!deleted.ok) return deleted;
    if (deleted.value.outcome === 'conflict') return err(changedElsewhere);
    this.forget(accountKey(name));
    return ok(accountFromRecord(entry.value.value));
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }

  private async replace(
    entry: BucketEntry<edge.AccountRecord>,
    change: (account: Account) => Account,
  ): Promise<Result<Account, Refusal | BusFailure>> {
    const account = change(accountFromRecord(entry.value));
    const record = accountToRecord(account);
    const updated = await this.bucket.update(entry.key, record, entry.revision);
    if (!updated.ok) return updated;
    if (updated.value.outcome === 'conflict') return err(changedElsewhere);
    this.keep(record);
    return ok(account);
  }

  private keep(record: edge.AccountRecord): void {
    const entry = this.entries.at(record.name);
    // Between two looks at the store one account may have gone and another have come.
    if (entry.account !== undefined && entry.account.createdAt < record.createdAt) this.end(entry, entry.account);
    if (entry.account !== undefined) this.unlist(entry.account);
    if (record.tel !== '') this.numbers.set(canonicalNumber(record.tel), record.name);
    const account = accountFromRecord(record);
    if (account.secrets === undefined) this.withoutPassword += 1;
    entry.account = account;
    entry.remembered = undefined;
  }

  private forget(key: string): void {
    const name = decodeToken(key);
    const entry = name.ok ? this.entries.find(name.value) : undefined;
    if (entry?.account === undefined) return;
    this.end(entry, entry.account);
    this.entries.release(entry);
  }

  private end(entry: AccountEntry, account: Account): void {
    this.unlist(account);
    entry.account = undefined;
    entry.remembered = undefined;
    for (const listener of this.removalListeners) listener(account);
  }

  /** Takes what is known of an account besides itself away. */
  private unlist({ name, tel, secrets }: Account): void {
    if (secrets === undefined) this.withoutPassword -= 1;
    const number = canonicalNumber(tel);
    if (tel !== '' && this.numbers.get(number) === name) this.numbers.delete(number);
  }
}

const taken = refusal(409, 'Name Taken', 'expected a name that no account has');
const unknown = refusal(404, 'No Such Account', 'expected the name of an account');
const changedElsewhere = refusal(409, 'Changed Meanwhile', 'the account was changed by somebody else; try again', 1);
