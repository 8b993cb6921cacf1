import type { Bucket, BusFailure } from '@parley/bus';
import { accountKey } from '@parley/contracts';
import type { edge } from '@parley/contracts';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import type { AccountBook, Leaving } from '../../accounts/account-book.ts';
import type { EdgeEvents } from '../../events.ts';
import type { BindingBook } from '../../location/binding-book.ts';
import type { MailboxDesk } from '../mailbox/mailbox-desk.ts';

/** What removals are built from. */
export interface AccountRemovalOptions {
  readonly clock: Clock;
  readonly accounts: Pick<AccountBook, 'leave' | 'begun' | 'remove' | 'leaving'>;
  readonly bindings: Pick<BindingBook, 'removeAll'>;
  readonly mailboxes: Pick<MailboxDesk, 'remove'>;
  /** What tells other services that an account is gone, also those that are away now. */
  readonly removed: Pick<Bucket<edge.RemovedAccount>, 'get' | 'create' | 'update'>;
  readonly events: Pick<EdgeEvents, 'bindingsNotEnded' | 'mailboxNotEmptied' | 'accountRemoved'>;
}

/** Removes accounts, in steps that any edge may go on with. */
export class AccountRemoval {
  private readonly options: AccountRemovalOptions;

  constructor(options: AccountRemovalOptions) {
    this.options = options;
  }

  /** Removes an account, or goes on where that was cut short; 404 when there is none. */
  async remove(name: string): Promise<Result<void, Refusal | BusFailure>> {
    const { accounts, clock } = this.options;
    const leaving = await accounts.leave(name, clock.wallTime());
    return leaving.ok ? await this.finish(leaving.value) : leaving;
  }

  /** Goes on with all removals that were cut short. */
  async finishAll(): Promise<void> {
    for (const name of [...this.options.accounts.leaving]) await this.finishOf(name);
  }

  /** Goes on with one, and begins none: another edge may have been first, and the name be taken again. */
  async finishOf(name: string): Promise<void> {
    const begun = await this.options.accounts.begun(name);
    if (begun.ok && begun.value !== undefined) await this.finish(begun.value);
  }

  /**
   * Takes all that is an account's away, its name last: until then each step may be done again, and whoever hears of the
   * removal hears of nobody who has taken the name since.
   */
  private async finish(leaving: Leaving): Promise<Result<void, BusFailure>> {
    const { accounts, bindings, mailboxes, events } = this.options;
    const { name, createdAt } = leaving.account;
    const ended = await bindings.removeAll(name, createdAt);
    if (!ended.ok) {
      events.bindingsNotEnded(ended.error, name);
      return ended;
    }
    const emptied = await mailboxes.remove(name, createdAt);
    if (!emptied.ok) {
      events.mailboxNotEmptied(emptied.error, name);
      return emptied;
    }
    const told = await this.tell(leaving);
    if (!told.ok) return told;
    const gone = await accounts.remove(leaving);
    if (gone.ok) events.accountRemoved(name);
    return gone;
  }

  /** Once for each removal, however many go on with it: the second time might be after somebody has taken the name. */
  private async tell({ account: { name }, since }: Leaving): Promise<Result<unknown, BusFailure>> {
    const { removed, clock } = this.options;
    const key = accountKey(name);
    const before = await removed.get(key);
    if (!before.ok || before.value?.value.leavingSince === since) return before;
    const news = { name, removedAt: clock.wallTime(), leavingSince: since };
    // Lost to who goes on with the same removal: he has told.
    const told =
      before.value === undefined ? removed.create(key, news) : removed.update(key, news, before.value.revision);
    const outcome = await told;
    return outcome.ok ? ok(undefined) : outcome;
  }
}
