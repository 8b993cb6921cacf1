import type { Bus, Following } from '@parley/bus';
import { followBucket } from '@parley/bus';
import { buckets, decodeToken, edge } from '@parley/contracts';
import { mailboxFromRecord } from '../adapters/mailbox-record.ts';
import { cursorOf, emptyMailbox, isCleared } from '../mailbox/mailbox.ts';
import type { AccountEntries, AccountEntry } from './account-entries.ts';
import type { OwnCopy } from './own-copies.ts';

/** What is kept in a mailbox, about. */
export interface Fill {
  readonly copies: number;
  readonly octets: number;
  /** Wall time of the oldest copy that its owner knows of, in milliseconds; 0 for none. */
  readonly oldestAt: number;
}

/** Mailboxes as their owners last wrote them, from a watched copy, and what this edge has added since. */
export class MailboxBook implements Disposable {
  private readonly entries: AccountEntries;
  /** Copies in all mailboxes. */
  private depth = 0;
  private readonly following: Following;

  constructor(bus: Bus, entries: AccountEntries) {
    this.entries = entries;
    this.following = followBucket(bus.bucket(buckets.mailboxes, edge.MailboxRecord), (event) => {
      if (event.kind === 'put') this.keep(event.value);
      else this.forget(event.key);
    });
  }

  /** Settles once the copy holds all that existed when the book was opened. */
  get filled(): Promise<void> {
    return this.following.filled;
  }

  /** Whether older mail waits for a device of an account. */
  isWaiting(account: string, device: string): boolean {
    const entry = this.entries.find(account);
    if (entry === undefined) return false;
    const { mailbox, own } = entry;
    if (mailbox !== undefined && cursorOf(mailbox, device).waiting) return true;
    if (own === undefined) return false;
    for (const { devices } of own.copies) if (devices.length === 0 || devices.includes(device)) return true;
    return false;
  }

  /** Whether older mail waits for each of these devices; for none of them, whether any does. */
  isWaitingForAll(account: string, devices: readonly string[]): boolean {
    if (devices.length === 0) return this.fillOf(account).copies > 0;
    return devices.every((device) => this.isWaiting(account, device));
  }

  /** Whether a mailbox holds anything. */
  hasMail(account: string): boolean {
    const mailbox = this.entries.find(account)?.mailbox;
    return mailbox !== undefined && (mailbox.depth > 0 || [...mailbox.cursors.values()].some(({ waiting }) => waiting));
  }

  /** What a mailbox holds, with what is on its way into it; what was cleared does not count, though it may be there. */
  fillOf(account: string): Fill {
    const entry = this.entries.find(account);
    const mailbox = entry?.mailbox;
    const { depth, octets, oldestAt } =
      mailbox !== undefined && !isCleared(mailbox, mailbox.seen) ? mailbox : emptyMailbox;
    return {
      copies: depth + (entry?.own?.copies.size ?? 0),
      octets: octets + (entry?.own?.octets ?? 0),
      oldestAt,
    };
  }

  /** Copies in all mailboxes, about. */
  get size(): number {
    return this.depth;
  }

  /** A copy is being stored here. */
  begin(account: string, devices: readonly string[], octets: number): OwnCopy {
    const copy: OwnCopy = { devices, octets, sequence: undefined };
    const own = (this.entries.at(account).own ??= { copies: new Set(), octets: 0 });
    own.copies.add(copy);
    own.octets += octets;
    return copy;
  }

  /** It was stored, or was not. */
  end(account: string, copy: OwnCopy, sequence: number | undefined): void {
    copy.sequence = sequence;
    const entry = this.entries.find(account);
    if (entry === undefined) return;
    if (sequence === undefined || (entry.mailbox?.seen ?? 0) >= sequence) this.drop(entry, copy);
  }

  /** Accounts whose mailbox has ever held something. */
  *accounts(): Iterable<string> {
    for (const { name, mailbox } of this.entries.all()) if (mailbox !== undefined) yield name;
  }

  /** Sums over all mailboxes: copies kept, mailboxes that keep some, and the wall time of the oldest copy, 0 for none. */
  totals(): { readonly depth: number; readonly mailboxes: number; readonly oldestAt: number } {
    const { depth } = this;
    let [mailboxes, oldestAt] = [0, 0];
    for (const { mailbox } of this.entries.all()) {
      if (mailbox === undefined || mailbox.depth === 0) continue;
      mailboxes++;
      if (mailbox.oldestAt > 0 && (oldestAt === 0 || mailbox.oldestAt < oldestAt)) oldestAt = mailbox.oldestAt;
    }
    return { depth, mailboxes, oldestAt };
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }

  private keep(record: edge.MailboxRecord): void {
    const entry = this.entries.at(record.account);
    const mailbox = mailboxFromRecord(record);
    this.depth += mailbox.depth - (entry.mailbox?.depth ?? 0);
    entry.mailbox = mailbox;
    for (const copy of entry.own?.copies ?? []) {
      if (copy.sequence !== undefined && copy.sequence <= mailbox.seen) this.drop(entry, copy);
    }
  }

  private forget(key: string): void {
    const account = decodeToken(key);
    const entry = account.ok ? this.entries.find(account.value) : undefined;
    if (entry === undefined) return;
    this.depth -= entry.mailbox?.depth ?? 0;
    entry.mailbox = undefined;
    entry.own = undefined;
    this.entries.release(entry);
  }

  private drop(entry: AccountEntry, copy: OwnCopy): void {
    const { own } = entry;
    if (own?.copies.delete(copy) !== true) return;
    own.octets -= copy.octets;
    if (own.copies.size > 0) return;
    entry.own = undefined;
    this.entries.release(entry);
  }
}
