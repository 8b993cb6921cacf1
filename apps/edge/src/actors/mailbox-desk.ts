import { createHash } from 'node:crypto';
import type { Bus, BusFailure, MessageStream } from '@parley/bus';
import { buckets, edge, mailboxKey, mailboxSubject, streams } from '@parley/contracts';
import type { Clock, Result } from '@parley/prelude';
import { ok } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { serialise } from '@parley/sip';
import type { DeviceBook } from '../location/device-book.ts';
import type { MailboxBook } from '../location/mailbox-book.ts';
import { contentOf } from '../mailbox/content.ts';
import { inflateUpTo } from '../mailbox/inflate.ts';
import type { Lifetime } from '../mailbox/lifetime.ts';
import { lifetimeOf } from '../mailbox/lifetime.ts';
import type { MailboxRules } from '../mailbox/mailbox-rules.ts';
import { identityOf, storedRequest } from '../mailbox/stored-request.ts';
import type { MailboxNewsDesk } from './mailbox-news-desk.ts';
import type { StoreOutcome } from './message-fork.ts';

/** What the desk is built from. */
export interface MailboxDeskOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly rules: MailboxRules;
  readonly devices: DeviceBook;
  readonly mailboxes: MailboxBook;
  readonly news: MailboxNewsDesk;
}

/** A message as it may be stored. */
export interface Copyable {
  readonly request: Uint8Array;
  readonly lifetime: Lifetime;
  readonly identity: string;
}

/** Puts what did not reach a device into its mailbox, and sees that the owner of the mailbox hears of it. */
export class MailboxDesk {
  private readonly options: MailboxDeskOptions;
  private readonly stream: MessageStream<edge.MailboxMessage>;
  private readonly inflate;

  constructor(options: MailboxDeskOptions) {
    this.options = options;
    this.stream = options.bus.stream(streams.mailbox, edge.MailboxMessage);
    this.inflate = inflateUpTo(options.rules.mostInflated);
  }

  /**
   * What is stored of a message; undefined when it is none to keep.
   *
   * @param came - as the client sent it
   * @param forwarded - as it goes on, dated
   */
  copyable(came: SipRequest, forwarded: SipRequest): Copyable | undefined {
    const { clock, rules } = this.options;
    const content = contentOf(came, nodeBytes, this.inflate);
    if (content === 'composing') return undefined;
    const lifetime = lifetimeOf(came, content === 'notification', clock.wallTime(), rules.memory);
    if (lifetime.kind === 'none') return undefined;
    return { request: serialise(storedRequest(forwarded), nodeBytes), lifetime, identity: identityOf(came) };
  }

  /**
   * Stores a copy; resolves when JetStream has acknowledged it.
   *
   * @param rest - milliseconds for which it is not tried, unless a device registers
   */
  async store(
    account: string,
    { request, lifetime, identity }: Copyable,
    devices: readonly string[],
    rest: number,
  ): Promise<StoreOutcome> {
    const { mailboxes, clock, rules, news } = this.options;
    if (mailboxes.depthOf(account) >= rules.mostCopies) return { kind: 'unavailable' };
    const now = clock.wallTime();
    const message: edge.MailboxMessage = {
      request,
      storedAt: now,
      expiresAt: lifetime.kind === 'until' ? lifetime.at : 0,
      notBefore: rest === 0 ? 0 : now + rest,
      devices,
    };
    const copy = mailboxes.begin(account, devices);
    const messageId = digest([account, identity, ...devices].join('\n'));
    const appended = await this.stream.append(mailboxSubject(account), message, { messageId });
    const sequence = appended.ok && appended.value.outcome === 'appended' ? appended.value.sequence : undefined;
    mailboxes.end(account, copy, sequence);
    if (sequence === undefined) return { kind: 'failed' };
    news.stored(account, sequence, devices);
    return { kind: 'stored', sequence };
  }

  /** Empties the mailbox of an account that is gone, and forgets its devices. */
  async remove(account: string): Promise<Result<void, BusFailure>> {
    const { bus, devices, news } = this.options;
    const purged = await this.stream.purge(mailboxSubject(account));
    if (!purged.ok) return purged;
    const forgotten = await devices.removeAll(account);
    if (!forgotten.ok) return forgotten;
    const deleted = await bus.bucket(buckets.mailboxes, edge.MailboxRecord).delete(mailboxKey(account));
    if (!deleted.ok) return deleted;
    news.removed(account);
    return ok(undefined);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
