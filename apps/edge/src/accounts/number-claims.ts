import type { Bucket, Bus, BusFailure } from '@parley/bus';
import { accountKey, buckets, edge, numberKey } from '@parley/contracts';
import type { Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { canonicalNumber } from '@parley/sip';
import type { Account } from './account.ts';

/** Milliseconds for which whoever claimed a number may still be making its account. */
const making = 10_000;

/**
 * Who lists which telephone number, a record for each: of several accounts that are made at once with one number, at
 * whatever edges, one gets it. A claim whose account was never made, since the edge that made it died, counts no more after a while.
 */
export class NumberClaims {
  private readonly claims: Bucket<edge.NumberClaim>;
  private readonly accounts: Pick<Bucket<edge.AccountRecord>, 'get'>;

  constructor(bus: Bus, accounts: Pick<Bucket<edge.AccountRecord>, 'get'>) {
    this.claims = bus.bucket(buckets.numbers, edge.NumberClaim);
    this.accounts = accounts;
  }

  /** Claims a number for an account that is to be made; false when another has it. */
  async take(number: string, { name, createdAt }: Account): Promise<Result<boolean, BusFailure>> {
    const key = numberKey(number);
    const created = await this.claims.create(key, { name, accountSince: createdAt });
    if (!created.ok) return created;
    if (created.value.outcome === 'created') return ok(true);
    const found = await this.claims.get(key);
    if (!found.ok) return found;
    if (found.value === undefined) return ok(false);
    const { value: former, revision } = found.value;
    if (former.name === name) return ok(true);
    if (createdAt - former.accountSince < making) return ok(false);
    const isListed = await this.isListed(number, former.name);
    if (!isListed.ok || isListed.value) return isListed.ok ? ok(false) : isListed;
    return await this.takeOver(number, { name, accountSince: createdAt }, former, revision);
  }

  /** Whoever claimed it before may make the account after all: this looks for it, and that edge for the claim, so that one gives way. */
  private async takeOver(
    number: string,
    claim: edge.NumberClaim,
    former: edge.NumberClaim,
    revision: number,
  ): Promise<Result<boolean, BusFailure>> {
    const key = numberKey(number);
    const taken = await this.claims.update(key, claim, revision);
    if (!taken.ok) return taken;
    if (taken.value.outcome === 'conflict') return ok(false);
    const isListed = await this.isListed(number, former.name);
    if (!isListed.ok || !isListed.value) return isListed.ok ? ok(true) : isListed;
    const returned = await this.claims.update(key, former, taken.value.revision);
    return returned.ok ? ok(false) : returned;
  }

  /** Whether the claim of an account still holds. */
  async isHeld(number: string, name: string): Promise<Result<boolean, BusFailure>> {
    const found = await this.claims.get(numberKey(number));
    return found.ok ? ok(found.value?.value.name === name) : found;
  }

  /** Gives the number of an account back, and none that a successor of its name has claimed. */
  async release({ name, tel, createdAt }: Account): Promise<Result<void, BusFailure>> {
    if (tel === '') return ok(undefined);
    const key = numberKey(canonicalNumber(tel));
    const found = await this.claims.get(key);
    if (!found.ok) return found;
    const claim = found.value;
    if (claim?.value.name !== name || claim.value.accountSince > createdAt) return ok(undefined);
    const deleted = await this.claims.delete(key, claim.revision);
    return deleted.ok ? ok(undefined) : deleted;
  }

  private async isListed(number: string, name: string): Promise<Result<boolean, BusFailure>> {
    const found = await this.accounts.get(accountKey(name));
    if (!found.ok) return found;
    const account = found.value?.value;
    return ok(account?.leavingSince === 0 && canonicalNumber(account.tel) === number);
  }
}
