import { hash } from 'node:crypto';
import { shardOf } from '@parley/actor';
import { busFailure } from '@parley/bus';
import type { Bucket, Bus, BusFailure, MessageStream } from '@parley/bus';
import { buckets, edge, mailboxKey, mailboxSubject, rpc, shardSubject, streams } from '@parley/contracts';
import type { Clock, Result } from '@parley/prelude';
import { err, ok } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { serialise } from '@parley/sip';
import type { DeviceBook } from '../../location/device-book.ts';
import type { Fill, MailboxBook } from '../../location/mailbox-book.ts';
import type { Inflate } from '../../mailbox/content.ts';
import { contentOf } from '../../mailbox/content.ts';
import type { Lifetime } from '../../mailbox/lifetime.ts';
import { isOverOnArrival, lifetimeOf } from '../../mailbox/lifetime.ts';
import type { MailboxRules } from '../../mailbox/mailbox-rules.ts';
import { Outage } from '../../mailbox/outage.ts';
import { identityOf, storedRequest } from '../../mailbox/stored-request.ts';
import { noNews } from './address-of-record.ts';
import { AmendmentContents } from '../amendments/amendment-contents.ts';
import type { MailboxNewsDesk } from './mailbox-news-desk.ts';
import type { NewCopy, StoreOutcome } from '../page-mode/new-copy.ts';
import { purgeOfAccount } from '../accounts/purge-of-account.ts';

/** What the desk is built from. */
export interface MailboxDeskOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly rules: MailboxRules;
  readonly inflate: Inflate;
  readonly devices: DeviceBook;
  readonly mailboxes: MailboxBook;
  readonly news: MailboxNewsDesk;
  /** When an account was made, as far as this edge knows. */
  readonly accountSince: (account: string) => number;
}

/** A message as it may be stored. */
export interface Copyable {
  readonly request: Uint8Array;
  readonly lifetime: Lifetime;
  readonly identity: string;
}

/** Milliseconds that the owner of a mailbox may take. */
const patience = 7_000;

/** Puts what did not reach a device into its mailbox, and sees that the owner of the mailbox hears of it. */
export class MailboxDesk {
  private readonly options: MailboxDeskOptions;
  private readonly stream: MessageStream<edge.MailboxMessage>;
  private readonly summaries: Bucket<edge.MailboxRecord>;
  private readonly cursors: Bucket<edge.CursorRecord>;
  private readonly outage: Outage;

  constructor(options: MailboxDeskOptions) {
    this.options = options;
    this.outage = new Outage(options.clock);
    this.summaries = options.bus.bucket(buckets.mailboxes, edge.MailboxRecord);
    this.cursors = options.bus.bucket(buckets.cursors, edge.CursorRecord);
    this.stream = options.bus.stream(streams.mailbox, edge.MailboxMessage);
  }

  /**
   * What is stored of a message; undefined when it is none to keep.
   *
   * @param came - as the client sent it
   * @param forwarded - as it goes on, dated
   */
  copyable(came: SipRequest, forwarded: SipRequest): Copyable | undefined {
    const { clock, rules, inflate } = this.options;
    const content = contentOf(came, nodeBytes, inflate);
    if (content === 'composing') return undefined;
    const lifetime = lifetimeOf(came, content === 'notification', clock.wallTime(), rules.memory);
    if (lifetime.kind === 'none') return undefined;
    return { request: serialise(storedRequest(forwarded), nodeBytes), lifetime, identity: identityOf(came) };
  }

  /** Whether the time of a message was over when it came. @spec RFC 3428 §7 */
  isOver(came: SipRequest): boolean {
    return isOverOnArrival(came, this.options.clock.wallTime());
  }

  /** Stores a copy; resolves when JetStream has acknowledged it. */
  async store(
    account: string,
    { request, lifetime, identity }: Copyable,
    { devices, rest, shared, others }: NewCopy,
  ): Promise<StoreOutcome> {
    const { mailboxes, clock, news, accountSince } = this.options;
    const octets = request.length;
    if (!this.hasRoom(account, octets)) return { kind: 'unavailable' };
    const now = clock.wallTime();
    const message: edge.MailboxMessage = {
      request,
      storedAt: now,
      expiresAt: lifetime.kind === 'until' ? lifetime.at : 0,
      notBefore: rest === 0 ? 0 : now + rest,
      devices,
      accountSince: accountSince(account),
      shared,
      others,
    };
    const canWait = mailboxes.isWaitingForAll(account, devices);
    const copy = mailboxes.begin(account, devices, octets);
    const messageId = digest([account, identity, ...devices].join('\n'));
    const appended = await this.stream.append(mailboxSubject(account), message, { messageId });
    const sequence = appended.ok && appended.value.outcome === 'appended' ? appended.value.sequence : undefined;
    mailboxes.end(account, copy, sequence);
    // What NATS never takes, being too large for it, is none to keep.
    if (!appended.ok && appended.error.reason === 'refused') return { kind: 'unavailable' };
    this.outage.note(sequence !== undefined);
    if (sequence === undefined) return { kind: 'failed', isLasting: this.outage.isLasting };
    news.stored(account, { sequence, devices, octets, expiresAt: message.expiresAt }, canWait);
    return { kind: 'stored', sequence };
  }

  /** What waits for devices of an account, about. */
  fillOf(account: string): Fill {
    return this.options.mailboxes.fillOf(account);
  }

  private hasRoom(account: string, octets: number): boolean {
    const { mailboxes, rules } = this.options;
    const fill = mailboxes.fillOf(account);
    return fill.copies < rules.mostCopies && fill.octets + octets <= rules.mostOctets;
  }

  /** Gives up what is stored for an account by now; resolves when that holds. Its owner tells the senders who asked. */
  async clear(account: string): Promise<Result<void, BusFailure>> {
    const { bus, clock } = this.options;
    const news: edge.MailboxNews = { ...noNews(account), clear: true };
    const deadline = clock.now() + patience;
    const noted = await bus.request(shardSubject('edge', shardOf(account)), rpc.mailbox, news, { deadline });
    if (!noted.ok) return noted;
    return noted.value.cleared === true ? ok(undefined) : err(notCleared);
  }

  /**
   * Empties the mailbox of an account that is gone, and forgets its devices; what is a successor's by the same name stays.
   *
   * @param since - when the account was made
   */
  async remove(account: string, since: number): Promise<Result<void, BusFailure>> {
    const { bus, devices, news } = this.options;
    const emptied = await purgeOfAccount(this.stream, mailboxSubject(account), since);
    if (!emptied.ok) return emptied;
    const purged = await new AmendmentContents(bus, account).purge(since);
    if (!purged.ok) return purged;
    const forgotten = await devices.removeAll(account, since);
    if (!forgotten.ok) return forgotten;
    for (const records of [this.summaries, this.cursors]) {
      const deleted = await removeRecord(records, account, since);
      if (!deleted.ok) return deleted;
    }
    news.removed(account);
    return ok(undefined);
  }
}

/** An edge of an earlier version does not know how. */
const notCleared = busFailure('refused', 'the owner of the mailbox cannot clear it');

interface OfAccount {
  readonly accountSince: number;
}

async function removeRecord(
  bucket: Bucket<OfAccount>,
  account: string,
  since: number,
): Promise<Result<unknown, BusFailure>> {
  const entry = await bucket.get(mailboxKey(account));
  if (!entry.ok || entry.value === undefined || entry.value.value.accountSince > since) return entry;
  return await bucket.delete(mailboxKey(account), entry.value.revision);
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}
