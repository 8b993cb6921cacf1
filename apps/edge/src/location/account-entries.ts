import type { Account } from '../accounts/account.ts';
import type { Device } from '../mailbox/device.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import type { Binding } from '../registrar/binding.ts';
import type { DirectTarget } from './direct-target.ts';
import type { OwnCopies } from './own-copies.ts';

const noBindings: readonly Binding[] = [];
const noRevisions: readonly number[] = [];
const noDevices: readonly Device[] = [];

/** Wall time in seconds, rounded down: a small integer, which takes no memory besides its field. */
export function wholeSeconds(milliseconds: number): number {
  return Math.min(Math.floor(milliseconds / 1000), 2 ** 31 - 1);
}

/**
 * All that an edge knows of one account name. What every message needs comes first, and stands in the entry itself: it is all
 * that a processor has to fetch where there are too many accounts for its caches.
 */
export class AccountEntry {
  readonly name: string;
  account: Account | undefined = undefined;
  /** Worked out of what follows when it is asked for. */
  direct: DirectTarget | undefined = undefined;
  /** Ids of the devices that mail is kept for until `rememberedUntil`; undefined: to be looked up. */
  remembered: readonly string[] | undefined = undefined;
  mailbox: Mailbox | undefined = undefined;
  /** Copies that this edge stored, and the owner of the mailbox may not have heard of. */
  own: OwnCopies | undefined = undefined;
  bindings: readonly Binding[] = noBindings;
  /** Those of the bindings that requests to the account go to. */
  targets: readonly Binding[] = noBindings;
  /** Revisions of the bindings in the store, in the same order. */
  revisions: readonly number[] = noRevisions;
  /** No binding ends before, wall time in seconds. */
  boundUntil = 0;
  devices: readonly Device[] = noDevices;
  /** No device is forgotten before, wall time in seconds. */
  rememberedUntil = 0;

  constructor(name: string) {
    this.name = name;
  }

  get isEmpty(): boolean {
    return (
      this.account === undefined &&
      this.bindings.length === 0 &&
      this.devices.length === 0 &&
      this.mailbox === undefined &&
      this.own === undefined
    );
  }
}

/** What is known of accounts, by name: what the books of accounts, bindings, devices and mailboxes share, so that one look-up serves all. */
export class AccountEntries {
  private readonly entries = new Map<string, AccountEntry>();
  /** What a message asks for comes in runs of one name. */
  private last: AccountEntry | undefined;

  find(name: string): AccountEntry | undefined {
    if (this.last?.name === name) return this.last;
    const found = this.entries.get(name);
    if (found !== undefined) this.last = found;
    return found;
  }

  /** The entry of a name, made when there is none. */
  at(name: string): AccountEntry {
    const known = this.find(name);
    if (known !== undefined) return known;
    const made = new AccountEntry(name);
    this.entries.set(name, made);
    return made;
  }

  /** Lets an entry go that holds nothing any more. */
  release(entry: AccountEntry): void {
    if (!entry.isEmpty || this.entries.get(entry.name) !== entry) return;
    this.entries.delete(entry.name);
    this.last = undefined;
  }

  /** Entries may come and go while one looks at them. */
  all(): Iterable<AccountEntry> {
    return this.entries.values();
  }
}
