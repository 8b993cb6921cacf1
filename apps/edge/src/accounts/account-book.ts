import type { BucketEntry, Bus, BusFailure, Following } from '@parley/bus';
import { followBucket, OwnWrites } from '@parley/bus';
import { accountKey, buckets, decodeToken, edge } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { err, ok, refusal } from '@parley/prelude';
import { canonicalNumber } from '@parley/sip';
import { accountFromRecord, accountToRecord } from '../adapters/account-record.ts';
import type { AccountEntries } from '../location/account-entries.ts';
import type { Account } from './account.ts';
import { AccountCopy } from './account-copy.ts';
import { NumberClaims } from './number-claims.ts';
import { UnsettledAccounts } from './unsettled-accounts.ts';

/** An account that is being removed: nobody can use it, and nobody can take its name yet. */
export interface Leaving {
  readonly account: Account;
  readonly revision: number;
  /** When it began, wall time in milliseconds: the same for all who go on with it. */
  readonly since: number;
}

/**
 * All accounts, from a watched copy of their bucket. The bucket stays the truth; what is written through the book is in
 * its copy once the write is acknowledged.
 */
export class AccountBook extends AccountCopy implements Disposable {
  private readonly bucket;
  private readonly writes = new OwnWrites();
  private readonly following: Following;
  private readonly claims: NumberClaims;
  private readonly unsettled = new UnsettledAccounts();

  constructor(bus: Bus, entries: AccountEntries) {
    super(entries);
    this.bucket = bus.bucket(buckets.accounts, edge.AccountRecord);
    this.claims = new NumberClaims(bus, this.bucket);
    this.following = followBucket(this.bucket, (event) => {
      if (!this.writes.hears(event)) return;
      if (event.kind === 'put') this.take(event.value);
      else this.forgetKey(event.key);
    });
  }

  /** Settles once the copy holds all that existed when the book was opened. */
  get filled(): Promise<void> {
    return this.following.filled;
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
    if (entry.value !== undefined) this.learn(entry.value.revision, entry.value.value);
    return ok(this.find(name));
  }

  /** Stores an account that must not exist; 409 when it does, or when another lists its number. */
  async add(account: Account): Promise<Result<Account, Refusal | BusFailure>> {
    const before = this.unsettled.before(account);
    const undone = before === undefined ? ok(undefined) : await this.undo(account.name, before);
    if (!undone.ok) return undone;
    const number = canonicalNumber(account.tel);
    if (number === '') return await this.store(account);
    if (this.find(account.name) !== undefined) return err(taken);
    // An account of earlier times may list it without a claim.
    if (this.findByNumber(number) !== undefined) return err(numberTaken);
    const claimed = await this.claims.take(number, account);
    if (!claimed.ok) return claimed;
    if (!claimed.value) return err(numberTaken);
    const stored = await this.store(account);
    return stored.ok ? await this.whereNumberIsHeld(account, number) : stored;
  }

  /** The account, or 409 and none where the making of it took so long that another was given its number. */
  private async whereNumberIsHeld(account: Account, number: string): Promise<Result<Account, Refusal | BusFailure>> {
    const held = await this.claims.isHeld(number, account.name);
    if (held.ok && held.value) return ok(account);
    await this.withdraw(account);
    return held.ok ? err(numberTaken) : held;
  }

  /** Takes back an account that was just made and that may not be, before anything hangs on it; at the next attempt where that fails. */
  async withdraw(account: Pick<Account, 'name' | 'createdAt'>): Promise<Result<void, Refusal | BusFailure>> {
    const leaving = await this.leave(account.name, account.createdAt, account.createdAt);
    if (!leaving.ok && leaving.error === unknown) return ok(undefined);
    const gone = leaving.ok ? await this.remove(leaving.value) : leaving;
    if (!gone.ok && gone.error.kind === 'TransportFailure') this.unsettled.note(account);
    return gone;
  }

  /** Takes back what an attempt has left whose maker was told that the store failed. */
  private async undo(name: string, createdAt: number): Promise<Result<void, Refusal | BusFailure>> {
    this.unsettled.settle(name);
    return await this.withdraw({ name, createdAt });
  }

  /** Replaces an account by what `change` makes of it; 404 when there is none, 409 when somebody else changed it. */
  async change(name: string, change: (account: Account) => Account): Promise<Result<Account, Refusal | BusFailure>> {
    const entry = await this.entryOf(name);
    if (!entry.ok) return entry;
    if (entry.value.value.leavingSince > 0) return err(unknown);
    const account = change(accountFromRecord(entry.value.value));
    const replaced = await this.replace(entry.value, accountToRecord(account));
    if (!replaced.ok) return replaced;
    this.unsettled.settle(name);
    return ok(account);
  }

  /**
   * Begins to remove an account, or goes on where that was cut short; 404 when there is none, 409 when somebody else
   * changed it.
   *
   * @param now - wall time in milliseconds
   * @param createdAt - of the account that is meant; another of the name stays
   */
  async leave(name: string, now: number, createdAt?: number): Promise<Result<Leaving, Refusal | BusFailure>> {
    const entry = await this.entryOf(name);
    if (!entry.ok) return entry;
    const { value, revision } = entry.value;
    const account = accountFromRecord(value);
    if (createdAt !== undefined && account.createdAt !== createdAt) return err(unknown);
    if (value.leavingSince > 0) return ok({ account, revision, since: value.leavingSince });
    const marked = await this.replace(entry.value, { ...value, leavingSince: now });
    return marked.ok ? ok({ account, revision: marked.value, since: now }) : marked;
  }

  /** The removal of an account that has begun; undefined where none has, and the name may be a successor's by now. */
  async begun(name: string): Promise<Result<Leaving | undefined, BusFailure>> {
    const entry = await this.bucket.get(accountKey(name));
    if (!entry.ok) return entry;
    if (entry.value === undefined || entry.value.value.leavingSince === 0) return ok(undefined);
    const { value, revision } = entry.value;
    return ok({ account: accountFromRecord(value), revision, since: value.leavingSince });
  }

  /** Ends the removal of an account: its number and then its name is free. Whoever else went on with it may have been first. */
  async remove({ account, revision }: Leaving): Promise<Result<void, BusFailure>> {
    const released = await this.claims.release(account);
    if (!released.ok) return released;
    const key = accountKey(account.name);
    const deleted = await this.bucket.delete(key, revision);
    if (!deleted.ok) return deleted;
    if (deleted.value.outcome === 'deleted' && this.writes.isNews(key, deleted.value.revision)) this.forgetKey(key);
    return ok(undefined);
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }

  private async store(account: Account): Promise<Result<Account, Refusal | BusFailure>> {
    const record = accountToRecord(account);
    const created = await this.bucket.create(accountKey(account.name), record);
    if (!created.ok) {
      this.unsettled.note(account);
      return created;
    }
    if (created.value.outcome === 'exists') return err(taken);
    this.learn(created.value.revision, record);
    return ok(account);
  }

  private async entryOf(name: string): Promise<Result<BucketEntry<edge.AccountRecord>, Refusal | BusFailure>> {
    const entry = await this.bucket.get(accountKey(name));
    if (!entry.ok) return entry;
    return entry.value === undefined ? err(unknown) : ok(entry.value);
  }

  private async replace(
    { key, revision }: BucketEntry<edge.AccountRecord>,
    record: edge.AccountRecord,
  ): Promise<Result<number, Refusal | BusFailure>> {
    const updated = await this.bucket.update(key, record, revision);
    if (!updated.ok) return updated;
    if (updated.value.outcome === 'conflict') return err(changedElsewhere);
    this.learn(updated.value.revision, record);
    return ok(updated.value.revision);
  }

  /** What was written or read here, unless the watch has told something newer. */
  private learn(revision: number, record: edge.AccountRecord): void {
    if (this.writes.isNews(accountKey(record.name), revision)) this.take(record);
  }

  private take(record: edge.AccountRecord): void {
    if (record.leavingSince > 0) this.keepLeaving(record.name);
    else this.keep(accountFromRecord(record));
  }

  private forgetKey(key: string): void {
    const name = decodeToken(key);
    if (name.ok) this.forget(name.value);
  }
}

const taken = refusal(409, 'Name Taken', 'expected a name that no account has');
const numberTaken = refusal(409, 'Number Taken', 'tel: expected a number that no other account lists');
const unknown = refusal(404, 'No Such Account', 'expected the name of an account');
const changedElsewhere = refusal(409, 'Changed Meanwhile', 'the account was changed by somebody else; try again', 1);
