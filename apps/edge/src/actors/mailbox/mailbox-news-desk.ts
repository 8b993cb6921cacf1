import { shardOf } from '@parley/actor';
import type { Bus, MessageStream } from '@parley/bus';
import { edge, mailboxSubject, rpc, shardSubject, streams } from '@parley/contracts';
import type { Cancel, Clock } from '@parley/prelude';
import type { MailboxBook } from '../../location/mailbox-book.ts';

/** Milliseconds that the owner of a mailbox may take. */
const patience = 5_000;
/** Milliseconds between two attempts when it could not be told. */
const pause = 1_000;
/** Milliseconds by which news may be told late of copies behind others that the owner knows of. */
const lazily = 100;

interface News {
  stored: edge.StoredCopy[];
  taken: edge.StoredCopy[];
  registered: Set<string>;
  removed: boolean;
}

/** The owner of mailboxes in this very process. */
export interface LocalOwner {
  /** Tells the actor of the account, if its shard is here; it cannot take the news while the store fails. */
  hear(news: edge.MailboxNews): Promise<'heard' | 'not taken' | 'not here'>;
}

/**
 * Tells the owners of mailboxes what is new, again and again until they have heard it. What comes while one account's
 * owner is being told goes in the next message to it; so does, for a moment, what can wait.
 */
export class MailboxNewsDesk implements Disposable {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly mailboxes: Pick<MailboxBook, 'hasMail'>;
  private readonly stream: MessageStream<edge.MailboxMessage>;
  private readonly untold = new Map<string, News>();
  private readonly telling = new Set<string>();
  private readonly lazy = new Set<string>();
  private readonly pausing = new Set<Cancel>();
  private local: LocalOwner | undefined;
  private closed = false;

  constructor(bus: Bus, clock: Clock, mailboxes: Pick<MailboxBook, 'hasMail'>) {
    this.bus = bus;
    this.mailboxes = mailboxes;
    this.stream = bus.stream(streams.mailbox, edge.MailboxMessage);
    this.clock = clock;
  }

  /** Accounts whose owner has not heard all. */
  get size(): number {
    return this.telling.size;
  }

  /** From now on, what is owned here is told without the bus. */
  attach(owner: LocalOwner): void {
    this.local = owner;
  }

  /** @param canWait - older mail waits for the same devices: their owner will come to this copy anyway */
  stored(account: string, copy: edge.StoredCopy, canWait: boolean): void {
    this.newsOf(account).stored.push(copy);
    if (canWait) this.tellLater(account);
    else this.tell(account);
  }

  /** A device took a copy after all. */
  taken(account: string, device: string, sequence: number): void {
    this.newsOf(account).taken.push({ sequence, devices: [device], octets: 0 });
    this.tell(account);
  }

  /** Devices registered: news to an owner only where mail may wait, since most REGISTERs find none. */
  async registered(account: string, devices: Iterable<string>): Promise<void> {
    if (!this.untold.has(account) && !(await this.mayHaveMail(account))) return;
    const news = this.newsOf(account);
    for (const device of devices) news.registered.add(device);
    this.tell(account);
  }

  /** The stream knows; what anybody's copy of the records says may be old. */
  private async mayHaveMail(account: string): Promise<boolean> {
    if (this.mailboxes.hasMail(account)) return true;
    const first = await this.stream.next(mailboxSubject(account), 1);
    return !first.ok || first.value !== undefined;
  }

  /** The account is gone, and with it what was news of it. */
  removed(account: string): void {
    this.untold.set(account, { stored: [], taken: [], registered: new Set(), removed: true });
    this.tell(account);
  }

  [Symbol.dispose](): void {
    this.closed = true;
    for (const cancel of this.pausing) cancel();
  }

  private newsOf(account: string): News {
    const known = this.untold.get(account);
    if (known !== undefined) return known;
    const news: News = { stored: [], taken: [], registered: new Set(), removed: false };
    this.untold.set(account, news);
    return news;
  }

  private tellLater(account: string): void {
    const isFirst = this.lazy.size === 0;
    this.lazy.add(account);
    if (!isFirst) return;
    void this.wait(lazily).then(() => {
      const accounts = [...this.lazy];
      this.lazy.clear();
      for (const each of accounts) this.tell(each);
    });
  }

  private tell(account: string): void {
    if (!this.telling.has(account)) void this.tellAll(account);
  }

  /** Between the last look at what is untold and the end nothing else can run, so that no news is left lying. */
  private async tellAll(account: string): Promise<void> {
    this.telling.add(account);
    for (let news = this.untold.get(account); news !== undefined && !this.closed; news = this.untold.get(account)) {
      this.untold.delete(account);
      await this.tellUntilHeard({ account, ...news, registered: [...news.registered] });
    }
    this.telling.delete(account);
  }

  private async tellUntilHeard(news: edge.MailboxNews): Promise<void> {
    const subject = shardSubject('edge', shardOf(news.account));
    for (;;) {
      const here = (await this.local?.hear(news)) ?? 'not here';
      const isHeard = here === 'heard' || (here === 'not here' && (await this.tellByBus(subject, news)));
      if (isHeard || this.closed) return;
      await this.wait(pause);
    }
  }

  private async tellByBus(subject: string, news: edge.MailboxNews): Promise<boolean> {
    return (await this.bus.request(subject, rpc.mailbox, news, { deadline: this.clock.now() + patience })).ok;
  }

  private wait(time: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(time, () => {
        this.pausing.delete(cancel);
        resolve();
      });
      this.pausing.add(cancel);
    });
  }
}
