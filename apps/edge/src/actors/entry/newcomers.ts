import type { BusFailure } from '@parley/bus';
import type { Clock, Refusal, Result } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import type { Account } from '../../accounts/account.ts';
import type { AccountBook } from '../../accounts/account-book.ts';
import { isAccountName } from '../../accounts/account-rules.ts';
import type { EdgeEvents } from '../../events.ts';
import type { ListBook } from '../../lists/list-book.ts';
import { makeAccount } from '../accounts/account-maker.ts';
import type { AccountMakerOptions } from '../accounts/account-maker.ts';

/** What the desk of newcomers is built from. */
export interface NewcomersOptions extends AccountMakerOptions {
  readonly clock: Clock;
  readonly accounts: Pick<AccountBook, 'add' | 'withdraw' | 'read' | 'passwordless'>;
  readonly lists: Pick<ListBook, 'exists' | 'find'>;
  /** Most accounts without a password, at all edges together; what several edges make at one moment may go beyond it. */
  readonly most: number;
  readonly events: Pick<EdgeEvents, 'newcomer'>;
}

/** Requests of newcomers that may wait for the store at one edge, in names. */
const mostWaiting = 8192;

/** Makes accounts for who comes without one, where nobody is asked who he is. Nobody can log in to them by a password. */
export class Newcomers {
  private readonly options: NewcomersOptions;
  private readonly waiting = new Map<string, Promise<Refusal | undefined>>();

  constructor(options: NewcomersOptions) {
    this.options = options;
  }

  /** Resolves once the account is stored, and known here; or a reason why there will be none. */
  admit(name: string): Promise<Refusal | undefined> | Refusal {
    const waiting = this.waiting.get(name);
    if (waiting !== undefined) return waiting;
    const { accounts, lists, most } = this.options;
    if (!isAccountName(name) || lists.find(name) !== undefined) return notAnAccount;
    if (accounts.passwordless + this.waiting.size >= most) return tooMany(most);
    if (this.waiting.size >= mostWaiting) return busy;
    const making = this.make(name).finally(() => this.waiting.delete(name));
    this.waiting.set(name, making);
    return making;
  }

  private async make(name: string): Promise<Refusal | undefined> {
    const createdAt = this.options.clock.wallTime();
    const made = await makeAccount({ name, displayName: '', tel: '', secrets: undefined, createdAt }, this.options);
    if (made.ok) {
      this.options.events.newcomer(name);
      return undefined;
    }
    // Another edge was first, or the name is a list's.
    return made.error.kind === 'Refusal' ? asAnswer(await this.options.accounts.read(name)) : storeUnreachable;
  }
}

function asAnswer(found: Result<Account | undefined, BusFailure>): Refusal | undefined {
  if (!found.ok) return storeUnreachable;
  return found.value === undefined ? notAnAccount : undefined;
}

const notAnAccount = refusal(403, 'Unknown Sender', 'expected From to be an address that an account may have');
const busy = refusal(503, 'Too Many Newcomers', 'try again in a moment: many accounts are being made', 1);
const storeUnreachable = refusal(503, 'Store Unreachable', 'the account could not be stored', 5);

function tooMany(most: number): Refusal {
  return refusal(403, 'Too Many Newcomers', `PARLEY_NEWCOMERS allows ${most} accounts without a password`);
}
