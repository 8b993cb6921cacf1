import type { Ownership } from '@parley/actor';
import { OwnershipLost } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { buckets, edge, mailboxKey } from '@parley/contracts';
import { cursorsToRecord, mailboxFromRecord, mailboxToRecord, withCursors } from '../../adapters/mailbox-record.ts';
import type { RecordHead } from '../../adapters/mailbox-record.ts';
import type { Mailbox } from '../../mailbox/mailbox.ts';
import { emptyMailbox, isReadAsFar, readAsFarAs } from '../../mailbox/mailbox.ts';
import { RecordWriter } from './record-writer.ts';

/** What the records are kept with. */
export interface MailboxRecordsOptions {
  readonly bus: Bus;
  /** When the account was made, as far as this edge knows; 0: there is none. */
  readonly accountSince: (account: string) => number;
}

/**
 * What the owner of a mailbox knows of it, in its two buckets: `cursors`, written before each delivery, and `mailboxes`,
 * which every edge watches and which is written when others must know. Failures of the store are thrown.
 */
export class MailboxRecords {
  readonly account: string;
  mailbox: Mailbox = emptyMailbox;
  protected readonly accountSince: (account: string) => number;
  private readonly summary: RecordWriter<edge.MailboxRecord>;
  private readonly positions: RecordWriter<edge.CursorRecord>;
  private ownership: Ownership | undefined;
  /** Of the last takeover; 0: none. */
  private epoch = 0;
  /** The state that is in its bucket, or on its way there. */
  private summarised: Mailbox = emptyMailbox;
  private written: Mailbox = emptyMailbox;

  constructor({ bus, accountSince }: MailboxRecordsOptions, account: string) {
    this.account = account;
    this.accountSince = accountSince;
    this.summary = new RecordWriter(bus.bucket(buckets.mailboxes, edge.MailboxRecord), mailboxKey(account));
    this.positions = new RecordWriter(bus.bucket(buckets.cursors, edge.CursorRecord), mailboxKey(account));
  }

  /**
   * Reads the records under a takeover that is new, and writes them with its epoch, so that late writes of others fail.
   *
   * @returns whether they were read: they may say less than was heard before, or stored
   */
  async takeOver(ownership: Ownership): Promise<boolean> {
    if (this.ownership?.epoch === ownership.epoch) return false;
    const [summary, positions] = await Promise.all([
      this.summary.takeOver(ownership),
      this.positions.takeOver(ownership),
    ]);
    this.ownership = ownership;
    const isOurs = (record: RecordHead | undefined): boolean =>
      record !== undefined && record.accountSince >= this.accountSince(this.account);
    const known = summary !== undefined && isOurs(summary) ? mailboxFromRecord(summary) : emptyMailbox;
    this.written = positions !== undefined && isOurs(positions) ? withCursors(known, positions) : known;
    this.summarised = known;
    // Nobody else wrote meanwhile: what devices took that is not stored yet they have all the same.
    this.mailbox = this.epoch === ownership.epoch ? readAsFarAs(this.written, this.mailbox) : this.written;
    this.epoch = ownership.epoch;
    const isOld = (record: RecordHead | undefined): boolean => record !== undefined && record.epoch < ownership.epoch;
    await Promise.all([
      isOld(summary) ? this.writeSummary() : undefined,
      isOld(positions) ? this.writePositions() : undefined,
    ]);
    return true;
  }

  /** Begins again from the buckets at the next takeover, after a write that may or may not have been done. */
  startAgain(): void {
    this.ownership = undefined;
  }

  /** Whether there is a right to act. */
  get isOwned(): boolean {
    return this.ownership?.isValid() ?? false;
  }

  /** Whether something has changed that others have not been told. */
  get isDirty(): boolean {
    return this.mailbox !== this.summarised;
  }

  /** Resolves when how far the devices have read is stored, up to now. */
  persist(): Promise<void> {
    return isReadAsFar(this.mailbox, this.written) ? this.positions.settled : this.writePositions();
  }

  /** Resolves when others can see who waits and how much is kept, up to now. */
  summarise(): Promise<void> {
    return this.isDirty ? this.writeSummary() : this.summary.settled;
  }

  /** Stores what is not stored yet, for the next owner; a word that comes too late is not taken. */
  async handOver(): Promise<void> {
    if (this.ownership === undefined) return;
    this.summary.part();
    this.positions.part();
    await Promise.all([this.persist(), this.summarise()]).catch((error: unknown) => {
      if (!(error instanceof OwnershipLost)) throw error;
    });
  }

  private get head(): RecordHead {
    const { account, ownership } = this;
    return { account, epoch: ownership?.epoch ?? 0, accountSince: this.accountSince(account) };
  }

  private async writeSummary(): Promise<void> {
    try {
      await this.summary.write(() => mailboxToRecord(this.head, (this.summarised = this.mailbox)));
    } catch (error) {
      this.summarised = emptyMailbox;
      throw error;
    }
  }

  private async writePositions(): Promise<void> {
    try {
      await this.positions.write(() => {
        this.written = this.mailbox;
        return cursorsToRecord(this.head, this.mailbox);
      });
    } catch (error) {
      this.written = emptyMailbox;
      throw error;
    }
  }
}
