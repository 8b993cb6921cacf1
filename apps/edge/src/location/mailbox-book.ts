import type { Bus, Following } from '@parley/bus';
import { followBucket } from '@parley/bus';
import { buckets, decodeToken, edge } from '@parley/contracts';
import { mailboxFromRecord } from '../adapters/mailbox-record.ts';
import { cursorOf } from '../mailbox/mailbox.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';

/** Those of one account, and their octets together. */
interface OwnCopies {
  readonly copies: Set<OwnCopy>;
  octets: number;
}

/** A copy that this edge stores or stored, of which the owner of the mailbox may not have heard. */
export interface OwnCopy {
  readonly devices: readonly string[];
  readonly octets: number;
  /** Undefined until JetStream has acknowledged it. */
  sequence: number | undefined;
}

/** What is kept in a mailbox, about. */
export interface Fill {
  readonly copies: number;
  readonly octets: number;
}

/** Mailboxes as their owners last wrote them, from a watched copy, and what this edge has added since. */
export class MailboxBook implements Disposable {
  private readonly mailboxes = new Map<string, Mailbox>();
  private readonly own = new Map<string, OwnCopies>();
  /** Copies in all mailboxes. */
  private depth = 0;
  private readonly following: Following;

  constructor(bus: Bus) {
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
    const mailbox = this.mailboxes.get(account);
    if (mailbox !== undefined && cursorOf(mailbox, device).waiting) return true;
    const own = this.own.get(account);
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
    const mailbox = this.mailboxes.get(account);
    return mailbox !== undefined && (mailbox.depth > 0 || [...mailbox.cursors.values()].some(({ waiting }) => waiting));
  }

  /** What a mailbox holds, with what is on its way into it. */
  fillOf(account: string): Fill {
    const mailbox = this.mailboxes.get(account);
    const own = this.own.get(account);
    return {
      copies: (mailbox?.depth ?? 0) + (own?.copies.size ?? 0),
      octets: (mailbox?.octets ?? 0) + (own?.octets ?? 0),
    };
  }

  /** Copies in all mailboxes, about. */
  get size(): number {
    return this.depth;
  }

  /** A copy is being stored here. */
  begin(account: string, devices: readonly string[], octets: number): OwnCopy {
    const copy: OwnCopy = { devices, octets, sequence: undefined };
    const own = this.own.get(account) ?? { copies: new Set(), octets: 0 };
    own.copies.add(copy);
    own.octets += octets;
    this.own.set(account, own);
    return copy;
  }

  /** It was stored, or was not. */
  end(account: string, copy: OwnCopy, sequence: number | undefined): void {
    copy.sequence = sequence;
    if (sequence === undefined || (this.mailboxes.get(account)?.seen ?? 0) >= sequence) this.drop(account, copy);
  }

  /** Accounts whose mailbox has ever held something. */
  accounts(): Iterable<string> {
    return this.mailboxes.keys();
  }

  /** Sums over all mailboxes: copies kept, mailboxes that keep some, and the wall time of the oldest copy, 0 for none. */
  totals(): { readonly depth: number; readonly mailboxes: number; readonly oldestAt: number } {
    const { depth } = this;
    let [mailboxes, oldestAt] = [0, 0];
    for (const mailbox of this.mailboxes.values()) {
      if (mailbox.depth === 0) continue;
      mailboxes++;
      if (mailbox.oldestAt > 0 && (oldestAt === 0 || mailbox.oldestAt < oldestAt)) oldestAt = mailbox.oldestAt;
    }
    return { depth, mailboxes, oldestAt };
  }

  [Symbol.dispose](): void {
    this.following[Symbol.dispose]();
  }

  private keep(record: edge.MailboxRecord): void {
    const { account } = record;
    const mailbox = mailboxFromRecord(record);
    this.depth += mailbox.depth - (this.mailboxes.get(account)?.depth ?? 0);
    this.mailboxes.set(account, mailbox);
    for (const copy of this.own.get(account)?.copies ?? []) {
      if (copy.sequence !== undefined && copy.sequence <= mailbox.seen) this.drop(account, copy);
    }
  }

  private forget(key: string): void {
    const account = decodeToken(key);
    if (!account.ok) return;
    this.depth -= this.mailboxes.get(account.value)?.depth ?? 0;
    this.mailboxes.delete(account.value);
    this.own.delete(account.value);
  }

  private drop(account: string, copy: OwnCopy): void {
    const own = this.own.get(account);
    if (own?.copies.delete(copy) !== true) return;
    own.octets -= copy.octets;
    if (own.copies.size === 0) this.own.delete(account);
  }
}
