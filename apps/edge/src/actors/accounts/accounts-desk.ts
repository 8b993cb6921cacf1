import type { BusFailure } from '@parley/bus';
import type { edge } from '@parley/contracts';
import type { Refusal, Result } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { field } from '@parley/sip';
import type { DigestHash } from '@parley/sip-stack';
import { accountSecrets } from '@parley/sip-stack';
import type { Account } from '../../accounts/account.ts';
import type { AccountBook } from '../../accounts/account-book.ts';
import type { AccountWish } from '../../accounts/account-rules.ts';
import { checkAccount, checkPassword } from '../../accounts/account-rules.ts';
import { refusalToWire } from '../../adapters/refusal-wire.ts';
import type { EdgeEvents } from '../../events.ts';
import type { ListBook } from '../../lists/list-book.ts';
import type { BindingBook } from '../../location/binding-book.ts';
import type { Binding } from '../../registrar/binding.ts';
import { makeAccount } from './account-maker.ts';
import type { AccountRemovalOptions } from './account-removal.ts';
import { AccountRemoval } from './account-removal.ts';
import type { DialogEnds } from '../rooms/dialog-ends.ts';
import type { MailboxDesk } from '../mailbox/mailbox-desk.ts';

/** What the desk is built from. */
export interface AccountsDeskOptions extends AccountRemovalOptions {
  readonly domain: string;
  readonly hash: DigestHash;
  readonly accounts: AccountBook;
  readonly bindings: BindingBook;
  readonly mailboxes: Pick<MailboxDesk, 'remove' | 'clear' | 'fillOf'>;
  /** Lists, whose names no account may have. */
  readonly lists: Pick<ListBook, 'exists'>;
  readonly ends: Pick<DialogEnds, 'tokenFor'>;
  readonly events: EdgeEvents;
}

/** Accounts of one page, by default and at most. */
const pageSize = { usual: 50, most: 500 };

/** Carries out what operators ask of accounts. */
export class AccountsDesk {
  private readonly options: AccountsDeskOptions;
  private readonly removal: AccountRemoval;

  constructor(options: AccountsDeskOptions) {
    this.options = options;
    this.removal = new AccountRemoval(options);
  }

  async take({ command }: edge.AccountCommand): Promise<edge.AccountReply> {
    switch (command?.kind) {
      case 'create':
        return this.told(await this.create(command.value));
      case 'setPassword':
        return this.told(await this.setPassword(command.value));
      case 'remove':
        return done(await this.removal.remove(command.value.name));
      case 'show':
        return this.show(command.value.name);
      case 'list':
        return this.list(command.value);
      case 'clearMailbox':
        return await this.clearMailbox(command.value.name);
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
  finishRemovals(): Promise<void> {
    return this.removal.finishAll();
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
    if (this.options.accounts.leaving.has(wish.name)) await this.removal.finishOf(wish.name);
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

  private async clearMailbox(name: string): Promise<edge.AccountReply> {
    const { accounts, mailboxes, events } = this.options;
    if (accounts.find(name) === undefined) return refused(noSuchAccount);
    const cleared = await mailboxes.clear(name);
    if (cleared.ok) events.mailboxCleared(name);
    return done(cleared);
  }

  private show(name: string): edge.AccountReply {
    const account = this.options.accounts.find(name);
    return account === undefined
      ? refused(noSuchAccount)
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

const noSuchAccount = refusal(404, 'No Such Account', 'expected the name of an account');

function done(outcome: Result<void, Refusal | BusFailure>): edge.AccountReply {
  return outcome.ok ? { outcome: { kind: 'done', value: {} } } : refused(asRefusal(outcome.error));
}

function refused(error: Refusal): edge.AccountReply {
  return { outcome: { kind: 'refusal', value: refusalToWire(error) } };
}

function asRefusal(error: Refusal | BusFailure): Refusal {
  return error.kind === 'Refusal' ? error : refusal(503, 'Store Unreachable', error.message, 5);
}
