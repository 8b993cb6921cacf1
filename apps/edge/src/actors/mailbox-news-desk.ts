import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import { rpc, shardSubject } from '@parley/contracts';
import type { edge } from '@parley/contracts';
import type { Cancel, Clock } from '@parley/prelude';

/** Milliseconds that the owner of a mailbox may take. */
const patience = 5_000;
/** Milliseconds between two attempts when it could not be told. */
const pause = 1_000;

interface News {
  stored: edge.StoredCopy[];
  taken: edge.StoredCopy[];
  registered: Set<string>;
  removed: boolean;
}

/**
 * Tells the owners of mailboxes what is new, again and again until they have heard it. What comes while one account's
 * owner is being told goes in the next message to it.
 */
export class MailboxNewsDesk implements Disposable {
  private readonly bus: Bus;
  private readonly clock: Clock;
  private readonly untold = new Map<string, News>();
  private readonly telling = new Set<string>();
  private readonly pausing = new Set<Cancel>();
  private closed = false;

  constructor(bus: Bus, clock: Clock) {
    this.bus = bus;
    this.clock = clock;
  }

  /** Accounts whose owner has not heard all. */
  get size(): number {
    return this.telling.size;
  }

  stored(account: string, sequence: number, devices: readonly string[]): void {
    this.newsOf(account).stored.push({ sequence, devices });
    this.tell(account);
  }

  /** A device took a copy after all. */
  taken(account: string, device: string, sequence: number): void {
    this.newsOf(account).taken.push({ sequence, devices: [device] });
    this.tell(account);
  }

  registered(account: string, devices: Iterable<string>): void {
    const news = this.newsOf(account);
    for (const device of devices) news.registered.add(device);
    this.tell(account);
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

  private tell(account: string): void {
    if (this.telling.has(account)) return;
    this.telling.add(account);
    void this.tellAll(account).finally(() => this.telling.delete(account));
  }

  private async tellAll(account: string): Promise<void> {
    const subject = shardSubject('edge', shardOf(account));
    for (let news = this.untold.get(account); news !== undefined && !this.closed; news = this.untold.get(account)) {
      this.untold.delete(account);
      const message = { account, ...news, registered: [...news.registered] };
      await this.tellUntilHeard(subject, message);
    }
  }

  private async tellUntilHeard(subject: string, message: edge.MailboxNews): Promise<void> {
    for (;;) {
      const told = await this.bus.request(subject, rpc.mailbox, message, { deadline: this.clock.now() + patience });
      if (told.ok || this.closed) return;
      await this.wait();
    }
  }

  private wait(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.clock.after(pause, () => {
        this.pausing.delete(cancel);
        resolve();
      });
      this.pausing.add(cancel);
    });
  }
}
