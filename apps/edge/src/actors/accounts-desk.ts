import type { Bucket, BusFailure } from '@parley/bus';
import { accountKey } from '@parley/contracts';
import type { edge } from '@parley/contracts';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { field } from '@parley/sip';
import type { DigestHash } from '@parley/sip-stack';
import { accountSecrets } from '@parley/sip-stack';
import type { Account } from '../accounts/account.ts';
import type { AccountBook, Leaving } from '../accounts/account-book.ts';
import type { AccountWish } from '../accounts/account-rules.ts';
import { checkAccount, checkPassword } from '../accounts/account-rules.ts';
import { refusalToWire } from '../adapters/refusal-wire.ts';
import type { EdgeEvents } from '../events.ts';
import type { ListBook } from '../lists/list-book.ts';
import type { BindingBook } from '../location/binding-book.ts';
import type { Binding } from '../registrar/binding.ts';
import { makeAccount } from './account-maker.ts';
import type { DialogEnds } from './dialog-ends.ts';
import type { MailboxDesk } from './mailbox-desk.ts';

/** What the desk is built from. */
export interface AccountsDeskOptions {
  readonly domain: string;
  readonly clock: Clock;
  readonly hash: DigestHash;
  readonly accounts: AccountBook;
  readonly bindings: BindingBook;
  readonly mailboxes: Pick<MailboxDesk, 'remove' | 'fillOf'>;
  /** Lists, whose names no account may have. */
  readonly lists: Pick<ListBook, 'exists'>;
  readonly ends: Pick<DialogEnds, 'tokenFor'>;
  /** What tells other services that an account is gone, also those that are away now. */
  readonly removed: Pick<Bucket<edge.RemovedAccount>, 'put'>;
  readonly events: EdgeEvents;
}

/** Accounts of one page, by default and at most. */
const pageSize = { usual: 50, most: 500 };

/** Carries out what operators ask of accounts. */
export class AccountsDesk {
  private readonly options: AccountsDeskOptions;

  constructor(options: AccountsDeskOptions) {
    this.options = options;
  }

  async take({ command }: edge.AccountCommand): Promise<edge.AccountReply> {
    switch (command?.kind) {
      case 'create':
        return this.told(await this.create(command.value));
      case 'setPassword':
        return this.told(await this.setPassword(command.value));
      case 'remove':
        return await this.remove(command.value.name);
      case 'show':
        return this.show(command.value.name);
      case 'list':
        return this.list(command.value);
      case undefined:
        return refused(refusal(501, 'Not Implemented', 'this edge does not know the command'));
    }
  }

  /**
   * Makes those of the accounts that do not exist.
   *
   * @throws InvalidUsers when one may not exist, Error when the store does not take them
   */
  async makeAbsent(users: readonly { readonly name: string; readonly password: string }[]): Promise<void> {
    const absent = users.filter(({ name }) => this.options.accounts.find(name) === undefined);
    const wishes = absent.map((user) => ({ ...user, displayName: '', tel: '' }));
    for (const wish of wishes) {
      const checked = checkAccount(wish);
      if (!checked.ok) throw new InvalidUsers(checked.error.message);
    }
    await Promise.all(wishes.map((wish) => this.makeOne(wish)));
  }

  /** Goes on with the removals of accounts that were cut short. */
  async finishRemovals(): Promise<void> {
    for (const name of [...this.options.accounts.leaving]) await this.finishRemoval(name);
  }

  /** Begins none: another edge may have been first, and the name be taken again. */
  private async finishRemoval(name: string): Promise<void> {
    const begun = await this.options.accounts.begun(name);
    if (begun.ok && begun.value !== undefined) await this.finish(begun.value);
  }

  private async makeOne(wish: AccountWish): Promise<void> {
    const made = await this.options.accounts.add(this.accountOf(wish));
    if (!made.ok && made.error.kind === 'TransportFailure') {
      throw new Error('NATS did not store an account', { cause: made.error });
    }
  }

  private async create(wish: AccountWish): Promise<Result<Account, Refusal | BusFailure>> {
    const checked = checkAccount(wish);
    if (!checked.ok) return checked;
    if (this.options.accounts.leaving.has(wish.name)) await this.finishRemoval(wish.name);
    const made = await makeAccount(this.accountOf(wish), this.options);
    if (made.ok) this.options.events.accountMade(wish.name);
    return made;
  }

  private async setPassword({ name, password }: edge.SetPassword): Promise<Result<Account, Refusal | BusFailure>> {
    const checked = checkPassword(password);
    if (!checked.ok) return checked;
    const { domain, hash, accounts } = this.options;
    const secrets = accountSecrets(name, domain, domain, password, hash);
    return await accounts.change(name, (account) => ({ ...account, secrets }));
  }

  private async remove(name: string): Promise<edge.AccountReply> {
    const { accounts, clock } = this.options;
    const leaving = await accounts.leave(name, clock.wallTime());
    if (!leaving.ok) return refused(asRefusal(leaving.error));
    const gone = await this.finish(leaving.value);
    return gone.ok ? { outcome: { kind: 'done', value: {} } } : refused(asRefusal(gone.error));
  }

  /**
   * Takes all that is an account's away, its name last: until then each step may be done again, and whoever hears of the
   * removal hears of nobody who has taken the name since.
   */
  private async finish(leaving: Leaving): Promise<Result<void, BusFailure>> {
    const { accounts, bindings, mailboxes, removed, clock, events } = this.options;
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
    const told = await removed.put(accountKey(name), { name, removedAt: clock.wallTime() });
    if (!told.ok) return told;
    const gone = await accounts.remove(leaving);
    if (gone.ok) events.accountRemoved(name);
    return gone;
  }

  private show(name: string): edge.AccountReply {
    const account = this.options.accounts.find(name);
    return account === undefined
      ? refused(refusal(404, 'No Such Account', 'expected the name of an account'))
      : { outcome: { kind: 'account', value: { ...this.toWire(account), bindings: this.ways(name) } } };
  }

  private list({ limit, cursor }: edge.ListAccounts): edge.AccountReply {
    const most = Math.min(limit === 0 ? pageSize.usual : limit, pageSize.most);
    const found = this.options.accounts.page(cursor, most + 1);
    const items = found.slice(0, most);
    const next = found.length > most ? (items.at(-1)?.name ?? '') : '';
    return { outcome: { kind: 'list', value: { items: items.map((account) => this.toWire(account)), next } } };
  }

  private accountOf({ name, password, displayName, tel }: AccountWish): Account {
    const { domain, hash, clock } = this.options;
    const secrets = accountSecrets(name, domain, domain, password, hash);
    return { name, displayName, tel, secrets, createdAt: clock.wallTime() };
  }

  private told(outcome: Result<Account, Refusal | BusFailure>): edge.AccountReply {
    return outcome.ok
      ? { outcome: { kind: 'account', value: this.toWire(outcome.value) } }
      : refused(asRefusal(outcome.error));
  }

  /** Bindings with the ways to their devices, for whoever calls them. */
  private ways(name: string): readonly edge.Binding[] {
    const { bindings, ends } = this.options;
    return bindings.live(name).map((binding) => {
      const { edgeInstance, flow, path } = binding;
      const way = { edgeInstance, flow, path, record: ends.tokenFor(binding, name, false) };
      return { ...bindingToWire(binding), way };
    });
  }

  private toWire({ name, displayName, tel }: Account): edge.Account {
    const { bindings, mailboxes } = this.options;
    return { name, displayName, tel, bindings: bindings.live(name).map(bindingToWire), mail: mailboxes.fillOf(name) };
  }
}

function bindingToWire({ contact, expiresAt, transport }: Binding): edge.Binding {
  return { contact: field.contact.serialise(contact), instance: contact.instance ?? '', expiresAt, transport };
}

/** `PARLEY_USERS` names an account that may not exist; stops the start with one line. */
class InvalidUsers extends Error {
  readonly kind = 'SettingError';
  override readonly name = 'InvalidUsers';

  constructor(complaint: string) {
    super(`PARLEY_USERS is not allowed: ${complaint}`);
  }
}

function refused(error: Refusal): edge.AccountReply {
  return { outcome: { kind: 'refusal', value: refusalToWire(error) } };
}

function asRefusal(error: Refusal | BusFailure): Refusal {
  return error.kind === 'Refusal' ? error : refusal(503, 'Store Unreachable', error.message, 5);
}
