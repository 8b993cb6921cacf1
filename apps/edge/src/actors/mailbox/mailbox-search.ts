import type { MessageStream } from '@parley/bus';
import { mailboxSubject } from '@parley/contracts';
import type { Cancel, Clock } from '@parley/prelude';
import { pauseAfter } from '../../mailbox/fate.ts';

/** Mailboxes looked into at the same time. */
const lookers = 16;

/** What a search is built from. */
export interface MailboxSearchOptions {
  readonly clock: Clock;
  readonly stream: Pick<MessageStream<unknown>, 'next'>;
  /** Whether it still matters what is in a mailbox. */
  readonly isWanted: (account: string) => boolean;
  /** There is mail. */
  readonly found: (account: string) => void;
}

/**
 * Looks into mailboxes for mail of which nobody may have told, so many at a time, each once however often it was asked for.
 * While the store does not answer, it is asked again after pauses that grow.
 */
export class MailboxSearch implements Disposable {
  private readonly options: MailboxSearchOptions;
  private readonly waiting = new Set<string>();
  private running = 0;
  private failures = 0;
  private pause: Cancel | undefined;
  private closed = false;

  constructor(options: MailboxSearchOptions) {
    this.options = options;
  }

  /** Accounts that are still to be looked at. */
  get size(): number {
    return this.waiting.size + this.running;
  }

  /** There may be mail for an account. */
  add(account: string): void {
    this.waiting.add(account);
    this.work();
  }

  /** The store is there again. */
  hurry(): void {
    this.pause?.();
    this.pause = undefined;
    this.failures = 0;
    this.work();
  }

  [Symbol.dispose](): void {
    this.closed = true;
    this.pause?.();
    this.waiting.clear();
  }

  private work(): void {
    while (this.running < lookers && this.waiting.size > 0 && this.pause === undefined && !this.closed) {
      this.running++;
      void this.look();
    }
  }

  /** One looker: until nothing waits, or the store fails. */
  private async look(): Promise<void> {
    const { stream, isWanted, found } = this.options;
    for (const account of this.waiting) {
      this.waiting.delete(account);
      if (!isWanted(account)) continue;
      const first = await stream.next(mailboxSubject(account), 1);
      if (this.closed) break;
      if (!first.ok) this.failed(account);
      else {
        this.failures = 0;
        if (first.value !== undefined) found(account);
      }
      if (this.pause !== undefined) break;
    }
    this.running--;
    this.work();
  }

  private failed(account: string): void {
    this.waiting.add(account);
    this.pause ??= this.options.clock.after(pauseAfter(++this.failures), () => {
      this.pause = undefined;
      this.work();
    });
  }
}
