import type { Mail } from '../../mailbox/mail.ts';
import { advanced, cursorOf, isDue, isFor, isLost, isOver, notReached } from '../../mailbox/mailbox.ts';
import { tellLost } from './mail-fates.ts';
import type { MailDrainOptions } from './mail-fates.ts';
import type { FoundCopy, StoredMailbox } from './stored-mailbox.ts';

/** A copy that a device is to get. */
export interface Found {
  readonly mail: Mail;
  readonly copy: FoundCopy;
}

/** A reading that runs ahead of the delivery; undefined: nothing was found, or not read. */
interface Ahead {
  readonly from: number;
  readonly copy: Promise<FoundCopy | undefined>;
}

/** Goes through the copies of a mailbox for one of its devices. */
export class CopyFinder {
  private readonly options: MailDrainOptions;
  private readonly stored: StoredMailbox;
  private readonly device: string;
  private readonly isTried: (sequence: number) => boolean;
  private ahead: Ahead | undefined;

  /** @param isTried - whether a device is being sent a copy */
  constructor(
    options: MailDrainOptions,
    stored: StoredMailbox,
    device: string,
    isTried: (sequence: number) => boolean,
  ) {
    this.options = options;
    this.stored = stored;
    this.device = device;
    this.isTried = isTried;
  }

  /**
   * The oldest copy for the device; what is none for it is passed over, and told of where it came too late.
   *
   * @returns undefined: there is none; `open`: the next came too late, but another device may be taking it
   */
  async find(remembered: () => ReadonlySet<string>): Promise<Found | 'open' | undefined> {
    const { stored, device } = this;
    for (;;) {
      const copy = await this.read(cursorOf(stored.mailbox, device).position + 1);
      if (copy === undefined) return undefined;
      const mail = stored.mailFor(copy);
      const known = remembered();
      const now = this.options.clock.wallTime();
      const isCurrent = !stored.isSwept(mail.sequence) && !stored.isOfEarlier(mail);
      const due = isCurrent && isDue(mail, device, stored.mailbox, known);
      if (due && !isOver(mail, now)) return { mail, copy };
      // Once the device is past it, nothing tells that it came too late.
      const isConcerned = due || (isCurrent && isFor(mail, device));
      if (isConcerned && isLost(mail, stored.mailbox, known, now)) {
        if (this.isTried(mail.sequence)) return 'open';
        await tellLost(this.options, stored, copy, notReached(mail, stored.mailbox));
      }
      stored.mailbox = advanced(stored.mailbox, device, mail.sequence);
    }
  }

  /** The first copy at or after a sequence; what was read ahead counts, unless it was nothing. */
  private async read(from: number): Promise<FoundCopy | undefined> {
    const { ahead } = this;
    this.ahead = undefined;
    const copy = ahead?.from === from ? await ahead.copy : undefined;
    return copy ?? (await this.stored.read(from, this.device));
  }

  /** Begins to read what comes next, where there is such. */
  readAhead(from: number): void {
    if (from > this.stored.mailbox.seen) return;
    this.ahead = { from, copy: this.stored.read(from, this.device).catch(() => undefined) };
  }
}
