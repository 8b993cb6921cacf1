import type { Ownership } from '@parley/actor';
import { ownedRecords, stored as orThrow } from '@parley/bus';
import type { Bucket, Bus, MessageStream, StoredMessage } from '@parley/bus';
import { buckets, edge, mailboxKey, mailboxSubject, streams } from '@parley/contracts';
import { mailFromRecord, mailboxFromRecord, mailboxToRecord } from '../adapters/mailbox-record.ts';
import type { Mail } from '../mailbox/mail.ts';
import { emptyMailbox, isDone, isOver, withoutForgotten } from '../mailbox/mailbox.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';

/** A mailbox in its bucket and its stream, as the owner of its shard keeps it. Failures of the store are thrown. */
export class StoredMailbox {
  readonly account: string;
  mailbox: Mailbox = emptyMailbox;
  private readonly bucket: Bucket<edge.MailboxRecord>;
  private readonly stream: MessageStream<edge.MailboxMessage>;
  private ownership: Ownership | undefined;
  private revision: number | undefined;
  /** The state that is in the bucket, or on its way there. */
  private written: Mailbox = emptyMailbox;
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  /** What is found at or after a sequence, for copies that have been read once. */
  private readonly found = new Map<number, Mail>();
  private purgedTo = 0;
  private purging = false;

  constructor(bus: Bus, account: string) {
    this.account = account;
    this.bucket = bus.bucket(buckets.mailboxes, edge.MailboxRecord);
    this.stream = bus.stream(streams.mailbox, edge.MailboxMessage);
  }

  /** Reads the record under a takeover that is new, and writes it with its epoch, so that late writes of others fail. */
  async takeOver(ownership: Ownership): Promise<void> {
    if (this.ownership?.epoch === ownership.epoch) return;
    const entry = orThrow(await this.bucket.get(mailboxKey(this.account)));
    this.ownership = ownership;
    this.running = Promise.resolve();
    this.revision = entry?.revision;
    this.mailbox = this.written = entry === undefined ? emptyMailbox : mailboxFromRecord(entry.value);
    if (entry !== undefined && entry.value.epoch < ownership.epoch) await this.write();
  }

  /** Begins again from the bucket at the next takeover, after a write that may or may not have been done. */
  startAgain(): void {
    this.ownership = undefined;
    this.found.clear();
    this.purgedTo = 0;
  }

  /** Whether there is a right to act. */
  get isOwned(): boolean {
    return this.ownership?.isValid() ?? false;
  }

  /** Whether something has changed that is not on its way into the bucket. */
  get isDirty(): boolean {
    return this.mailbox !== this.written;
  }

  /** Resolves when all changes up to now are in the bucket; those of several callers go in one write. */
  persist(): Promise<void> {
    if (!this.isDirty) return this.running;
    this.next ??= this.running.then(this.begin, this.begin);
    return this.next;
  }

  /** The first copy at or after a sequence. */
  async read(from: number): Promise<StoredMessage<edge.MailboxMessage> | undefined> {
    const message = orThrow(await this.stream.next(mailboxSubject(this.account), from));
    if (message !== undefined) this.found.set(from, mailFromRecord(message.sequence, message.message));
    return message;
  }

  /** The same without its octets; read once. */
  async look(from: number): Promise<Mail | undefined> {
    const known = this.found.get(from);
    if (known !== undefined) return known;
    const message = await this.read(from);
    return message && mailFromRecord(message.sequence, message.message);
  }

  /** Forgets the oldest copies as far as nobody needs them: up to the slowest remembered device. */
  async purge(now: () => number, remembered: ReadonlySet<string>): Promise<void> {
    if (this.purging) return;
    this.purging = true;
    try {
      await this.purgeDone(now, remembered);
    } finally {
      this.purging = false;
    }
  }

  private async purgeDone(now: () => number, remembered: ReadonlySet<string>): Promise<void> {
    const start = this.purgedTo + 1;
    const passed: number[] = [];
    let from = start;
    const { seen } = this.mailbox;
    let mail = await this.look(from);
    while (mail !== undefined && (isOver(mail, now()) || isDone(mail, this.mailbox, remembered, now()))) {
      passed.push(from);
      from = mail.sequence + 1;
      mail = await this.look(from);
    }
    await this.persist();
    const purged =
      from === start || !this.isOwned ? 0 : orThrow(await this.stream.purge(mailboxSubject(this.account), from));
    if (from > start) this.purgedTo = from - 1;
    for (const at of passed) this.found.delete(at);
    this.count(purged, mail, seen);
    if (this.mailbox.depth === 0) this.mailbox = withoutForgotten(this.mailbox, remembered);
  }

  /** What is left; exact when nothing is. */
  private count(purged: number, head: Mail | undefined, seenBefore: number): void {
    const { mailbox } = this;
    const isEmpty = head === undefined && mailbox.seen === seenBefore;
    const depth = isEmpty ? 0 : Math.max(head === undefined ? 0 : 1, mailbox.depth - purged);
    const oldestAt = isEmpty ? 0 : (head?.storedAt ?? mailbox.oldestAt);
    if (depth !== mailbox.depth || oldestAt !== mailbox.oldestAt) this.mailbox = { ...mailbox, depth, oldestAt };
  }

  private readonly begin = (): Promise<void> => {
    this.next = undefined;
    this.running = this.write();
    return this.running;
  };

  private async write(): Promise<void> {
    const { ownership, mailbox, account } = this;
    if (ownership === undefined) return;
    this.written = mailbox;
    try {
      const record = mailboxToRecord(account, ownership.epoch, mailbox);
      this.revision = await ownedRecords(this.bucket, ownership).write(mailboxKey(account), record, this.revision);
    } catch (error) {
      this.written = emptyMailbox;
      throw error;
    }
  }
}
