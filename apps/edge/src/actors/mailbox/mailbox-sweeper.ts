import type { Mail } from '../../mailbox/mail.ts';
import { isDone, isLost, isOver, notReached, without, withoutForgotten } from '../../mailbox/mailbox.ts';
import { contentsOf } from '../../replace/amended-copy.ts';
import type { AmendmentContents } from '../amendments/amendment-contents.ts';
import type { CopyRemover } from './copy-remover.ts';
import type { FoundCopy, StoredMailbox } from './stored-mailbox.ts';

/** What is asked of a sweep. */
export interface Sweep {
  readonly now: () => number;
  readonly remembered: ReadonlySet<string>;
  /** Whether what becomes of a copy is still open, though its time is over. */
  readonly isOnItsWay: (sequence: number) => boolean;
  /** Hears of a message that none of these devices got in its time. */
  readonly lost: (copy: FoundCopy, devices: readonly string[]) => Promise<void>;
}

/** The mailbox that is swept. */
type SweptMailbox = Pick<
  StoredMailbox,
  'account' | 'mailbox' | 'isOwned' | 'persist' | 'read' | 'readStored' | 'mailOf' | 'isOfEarlier'
>;

/** Forgets the copies of a mailbox that nobody needs any more. Failures of the store are thrown. */
export class MailboxSweeper {
  private readonly stored: SweptMailbox;
  private readonly remover: CopyRemover;
  private readonly contents: Pick<AmendmentContents, 'remove'>;
  /** What is found at or after a sequence, for copies that have been read once. */
  private readonly found = new Map<number, Mail>();
  private sweptTo = 0;
  private sweeping = false;
  /** The last sweep, or the one under way. */
  private underWay: Promise<void> = Promise.resolve();

  constructor(stored: SweptMailbox, remover: CopyRemover, contents: Pick<AmendmentContents, 'remove'>) {
    this.stored = stored;
    this.remover = remover;
    this.contents = contents;
  }

  /** A copy was read: the first at or after a sequence. */
  noteFound(from: number, mail: Mail): void {
    this.found.set(from, mail);
  }

  /** What was read of copies does not hold any more. */
  forgetFound(): void {
    this.found.clear();
  }

  /** Begins from the first copy. */
  startAgain(): void {
    this.forgetFound();
    this.sweptTo = 0;
  }

  /** Whether nobody needs a copy any more, though a reading that began before may still have found it. */
  isSwept(sequence: number): boolean {
    return sequence <= this.sweptTo;
  }

  /** Forgets the oldest copies: up to the slowest remembered device. One sweep at a time. */
  async sweep(plan: Sweep): Promise<void> {
    if (this.sweeping) return;
    await this.alone(() => this.sweepDone(plan));
  }

  /** Forgets what nobody needs, and these copies where their time is over for all, though others stand before them. */
  async end(sequences: readonly number[], plan: Sweep): Promise<void> {
    while (this.sweeping) await this.underWay.catch(() => {});
    await this.alone(async () => {
      await this.sweepDone(plan);
      for (const sequence of sequences) await this.endOne(sequence, plan);
    });
  }

  private async alone(work: () => Promise<void>): Promise<void> {
    this.sweeping = true;
    this.underWay = work().finally(() => {
      this.sweeping = false;
    });
    await this.underWay;
  }

  private async endOne(sequence: number, { now, remembered, lost }: Sweep): Promise<void> {
    const { stored } = this;
    if (this.isSwept(sequence) || !stored.isOwned) return;
    const mail = await this.look(sequence);
    if (mail?.sequence !== sequence || stored.isOfEarlier(mail)) return;
    if (!isOver(mail, now()) || !isLost(mail, stored.mailbox, remembered, now())) return;
    const copy = await stored.read(sequence);
    if (copy?.sequence !== sequence) return;
    await lost(copy, notReached(mail, stored.mailbox));
    await this.remover.removeOne(sequence);
    this.forgetFound();
    stored.mailbox = without(stored.mailbox, [mail], undefined, false);
  }

  private async sweepDone(plan: Sweep): Promise<void> {
    const { stored } = this;
    const { seen } = stored.mailbox;
    const gone: Mail[] = [];
    let from = this.sweptTo + 1;
    let mail = await this.look(from);
    while (mail !== undefined && (await this.isUnneeded(mail, plan, from))) {
      gone.push(mail);
      this.found.delete(from);
      from = mail.sequence + 1;
      mail = await this.look(from);
    }
    await stored.persist();
    if (!stored.isOwned) return;
    const sequences = gone.map(({ sequence }) => sequence);
    if (gone.length > 0) this.remover.remove(stored.account, sequences, from);
    this.sweptTo = from - 1;
    const isEmpty = mail === undefined && stored.mailbox.seen === seen;
    if (gone.length > 0 || (isEmpty && stored.mailbox.depth > 0))
      stored.mailbox = without(stored.mailbox, gone, mail, isEmpty);
    if (stored.mailbox.depth === 0) stored.mailbox = withoutForgotten(stored.mailbox, plan.remembered);
    if (stored.mailbox.amended.size > 0) await this.forgetAmended();
  }

  private async isUnneeded(mail: Mail, { now, remembered, isOnItsWay, lost }: Sweep, from: number): Promise<boolean> {
    const { stored } = this;
    if (stored.isOfEarlier(mail)) return true;
    const isNeeded = !isDone(mail, stored.mailbox, remembered, now());
    if (isNeeded && (!isOver(mail, now()) || isOnItsWay(mail.sequence))) return false;
    const copy = isLost(mail, stored.mailbox, remembered, now()) ? await stored.read(from) : undefined;
    if (copy !== undefined) await lost(copy, notReached(mail, stored.mailbox));
    return true;
  }

  /** The first copy at or after a sequence without its octets; read once. */
  private async look(from: number): Promise<Mail | undefined> {
    const known = this.found.get(from);
    if (known !== undefined) return known;
    const copy = await this.stored.readStored(from);
    const mail = copy && this.stored.mailOf(copy);
    if (mail !== undefined) this.found.set(from, mail);
    return mail;
  }

  /** Forgets what went in the place of copies that are gone. */
  private async forgetAmended(): Promise<void> {
    const { stored } = this;
    for (const [sequence, copy] of stored.mailbox.amended) {
      if (!this.isSwept(sequence) || (await stored.readStored(sequence))?.sequence === sequence) continue;
      const amended = new Map(stored.mailbox.amended);
      amended.delete(sequence);
      stored.mailbox = { ...stored.mailbox, amended };
      this.contents.remove(contentsOf(copy));
    }
  }
}
