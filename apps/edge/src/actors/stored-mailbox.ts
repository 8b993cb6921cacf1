import type { Ownership } from '@parley/actor';
import { OwnershipLost, stored as orThrow } from '@parley/bus';
import type { Bus, MessageStream, StoredMessage } from '@parley/bus';
import { buckets, edge, mailboxKey, mailboxSubject, streams } from '@parley/contracts';
import {
  cursorsToRecord,
  mailFromRecord,
  mailboxFromRecord,
  mailboxToRecord,
  withCursors,
} from '../adapters/mailbox-record.ts';
import type { RecordHead } from '../adapters/mailbox-record.ts';
import type { Mail } from '../mailbox/mail.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';
import {
  emptyMailbox,
  isDone,
  isLost,
  isOfEarlierAccount,
  isOver,
  isReadAsFar,
  notReached,
  without,
  withoutForgotten,
} from '../mailbox/mailbox.ts';
import type { Amending } from '../replace/amended-copy.ts';
import { amendedAgain, contentsOf, inPlaceFor, lastEndOf } from '../replace/amended-copy.ts';
import { AmendmentContents } from './amendment-contents.ts';
import type { CopyRemover } from './copy-remover.ts';
import { RecordWriter } from './record-writer.ts';

/** What a stored mailbox is built from. */
export interface StoredMailboxOptions {
  readonly bus: Bus;
  readonly remover: CopyRemover;
  /** When the account was made, as far as this edge knows; 0: there is none. */
  readonly accountSince: (account: string) => number;
}

/** A copy as the stream has it, with what goes in its place. */
export interface FoundCopy extends StoredMessage<edge.MailboxMessage> {
  /** What is in its place, by its sequence in the stream `amendments`, 0: nothing; undefined: it is as it was stored. */
  readonly content: number | undefined;
}

/** Octets of a message that goes in the place of a copy, and until when. */
export interface NewContent {
  readonly request: Uint8Array;
  readonly expiresAt: number | undefined;
}

/** A copy that is amended. */
export interface CopyChange {
  readonly sequence: number;
  /** Undefined: it is recalled. */
  readonly next: NewContent | undefined;
  /** Devices that keep what they are being sent. */
  readonly keepers: readonly string[];
}

/** What is asked of a sweep. */
export interface Sweep {
  readonly now: () => number;
  readonly remembered: ReadonlySet<string>;
  /** Hears of a message that none of these devices got in its time. */
  readonly expired: (copy: FoundCopy, devices: readonly string[]) => Promise<void>;
}

/**
 * A mailbox in its stream and its buckets, as the owner of its shard keeps it: `cursors`, written before each delivery, and
 * `mailboxes`, which every edge watches and which is written when others must know. Failures of the store are thrown.
 */
export class StoredMailbox {
  readonly account: string;
  mailbox: Mailbox = emptyMailbox;
  private readonly options: StoredMailboxOptions;
  private readonly summary: RecordWriter<edge.MailboxRecord>;
  private readonly positions: RecordWriter<edge.CursorRecord>;
  private readonly stream: MessageStream<edge.MailboxMessage>;
  private readonly contents: AmendmentContents;
  /** Copies that are being amended: not delivered until that is done. */
  private readonly held = new Set<number>();
  private ownership: Ownership | undefined;
  /** The state that is in its bucket, or on its way there. */
  private summarised: Mailbox = emptyMailbox;
  private written: Mailbox = emptyMailbox;
  /** What is found at or after a sequence, for copies that have been read once. */
  private readonly found = new Map<number, Mail>();
  private sweptTo = 0;
  private sweeping = false;

  constructor(options: StoredMailboxOptions, account: string) {
    const { bus } = options;
    this.options = options;
    this.account = account;
    this.summary = new RecordWriter(bus.bucket(buckets.mailboxes, edge.MailboxRecord), mailboxKey(account));
    this.positions = new RecordWriter(bus.bucket(buckets.cursors, edge.CursorRecord), mailboxKey(account));
    this.stream = bus.stream(streams.mailbox, edge.MailboxMessage);
    this.contents = new AmendmentContents(bus, account);
  }

  /** Reads the records under a takeover that is new, and writes them with its epoch, so that late writes of others fail. */
  async takeOver(ownership: Ownership): Promise<void> {
    if (this.ownership?.epoch === ownership.epoch) return;
    const [summary, positions] = await Promise.all([
      this.summary.takeOver(ownership),
      this.positions.takeOver(ownership),
    ]);
    this.ownership = ownership;
    const isOurs = (record: RecordHead | undefined): boolean =>
      record !== undefined && record.accountSince >= this.options.accountSince(this.account);
    const known = summary !== undefined && isOurs(summary) ? mailboxFromRecord(summary) : emptyMailbox;
    this.mailbox = positions !== undefined && isOurs(positions) ? withCursors(known, positions) : known;
    this.summarised = known;
    this.written = this.mailbox;
    const isOld = (record: RecordHead | undefined): boolean => record !== undefined && record.epoch < ownership.epoch;
    await Promise.all([
      isOld(summary) ? this.writeSummary() : undefined,
      isOld(positions) ? this.writePositions() : undefined,
    ]);
  }

  /** Begins again from the buckets at the next takeover, after a write that may or may not have been done. */
  startAgain(): void {
    this.ownership = undefined;
    this.found.clear();
    this.held.clear();
    this.sweptTo = 0;
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

  /** The first copy at or after a sequence as it was stored. */
  async readStored(from: number): Promise<StoredMessage<edge.MailboxMessage> | undefined> {
    return orThrow(await this.stream.next(mailboxSubject(this.account), from));
  }

  /**
   * The first copy at or after a sequence.
   *
   * @param device - that it is for: one to which it is on its way already gets it as it was stored
   */
  async read(from: number, device?: string): Promise<FoundCopy | undefined> {
    const copy = await this.readStored(from);
    if (copy === undefined) return undefined;
    this.found.set(from, this.mailOf(copy));
    const inPlace = inPlaceFor(this.mailbox.amended.get(copy.sequence), device);
    const content = inPlace?.content;
    const request = content === undefined || content === 0 ? undefined : await this.contents.at(content);
    if (request === undefined) return { ...copy, content };
    return { ...copy, message: { ...copy.message, request, expiresAt: inPlace?.expiresAt ?? 0 }, content };
  }

  /** What is known of a copy; it ends when the last ends that goes in its place. */
  mailOf({ sequence, message }: StoredMessage<edge.MailboxMessage>): Mail {
    const mail = mailFromRecord(sequence, message);
    const amended = this.mailbox.amended.get(sequence);
    return amended === undefined ? mail : { ...mail, expiresAt: lastEndOf(amended, mail.expiresAt) };
  }

  /** The octets of what goes in the place of a copy. */
  contentAt(content: number): Promise<Uint8Array | undefined> {
    return this.contents.at(content);
  }

  /** Whether what was read of a copy is still what a device gets of it. */
  isCurrent({ sequence, content }: FoundCopy, device: string): boolean {
    return inPlaceFor(this.mailbox.amended.get(sequence), device)?.content === content;
  }

  /** Whether nobody needs a copy any more, though a reading that began before may still have found it. */
  isSwept(sequence: number): boolean {
    return sequence <= this.sweptTo;
  }

  /** Whether a copy is being amended. */
  isHeld(sequence: number): boolean {
    return this.held.has(sequence);
  }

  /** Keeps a copy from being delivered until it is amended, or left as it is. */
  hold(sequence: number): void {
    this.held.add(sequence);
  }

  /** What {@link hold} kept goes on. */
  release(): void {
    this.held.clear();
  }

  /** Puts other messages, or none, in the place of copies. Once it is stored that holds, whoever owns the mailbox. */
  async amend(changes: readonly CopyChange[], amending: Amending, recent: readonly Amending[]): Promise<void> {
    const amended = new Map(this.mailbox.amended);
    const former = new Set<number>();
    const since = this.options.accountSince(this.account);
    for (const { sequence, next, keepers } of changes) {
      const before = amended.get(sequence);
      const name = `${amending.identity} ${sequence}`;
      const content = next === undefined ? 0 : await this.contents.add(next.request, since, name);
      const after = amendedAgain(before, { content, expiresAt: next?.expiresAt }, keepers);
      amended.set(sequence, after);
      const left = contentsOf(after);
      for (const each of contentsOf(before)) if (!left.includes(each)) former.add(each);
    }
    this.mailbox = { ...this.mailbox, amended, amendings: [...recent, amending] };
    this.found.clear();
    await this.summarise();
    this.contents.remove(former);
  }

  /** Forgets what went in the place of copies that are gone. */
  private async forgetAmended(): Promise<void> {
    for (const [sequence, copy] of this.mailbox.amended) {
      if (sequence > this.sweptTo || (await this.readStored(sequence))?.sequence === sequence) continue;
      const amended = new Map(this.mailbox.amended);
      amended.delete(sequence);
      this.mailbox = { ...this.mailbox, amended };
      this.contents.remove(contentsOf(copy));
    }
  }

  /** Whether a copy is for an account that had this name before. */
  isOfEarlier(mail: Mail): boolean {
    return isOfEarlierAccount(mail, this.options.accountSince(this.account));
  }

  /** Forgets the oldest copies as far as nobody needs them: up to the slowest remembered device. */
  async sweep(plan: Sweep): Promise<void> {
    if (this.sweeping) return;
    this.sweeping = true;
    try {
      await this.sweepDone(plan);
    } finally {
      this.sweeping = false;
    }
  }

  private async sweepDone(plan: Sweep): Promise<void> {
    const { seen } = this.mailbox;
    const gone: Mail[] = [];
    let from = this.sweptTo + 1;
    let mail = await this.look(from);
    while (mail !== undefined && (await this.isUnneeded(mail, plan, from))) {
      gone.push(mail);
      this.found.delete(from);
      from = mail.sequence + 1;
      mail = await this.look(from);
    }
    await this.persist();
    if (!this.isOwned) return;
    if (gone.length > 0)
      this.options.remover.remove(
        this.account,
        gone.map(({ sequence }) => sequence),
        from,
      );
    this.sweptTo = from - 1;
    const isEmpty = mail === undefined && this.mailbox.seen === seen;
    if (gone.length > 0 || (isEmpty && this.mailbox.depth > 0))
      this.mailbox = without(this.mailbox, gone, mail, isEmpty);
    if (this.mailbox.depth === 0) this.mailbox = withoutForgotten(this.mailbox, plan.remembered);
    if (this.mailbox.amended.size > 0) await this.forgetAmended();
  }

  private async isUnneeded(mail: Mail, { now, remembered, expired }: Sweep, from: number): Promise<boolean> {
    if (this.isOfEarlier(mail)) return true;
    if (!isDone(mail, this.mailbox, remembered, now()) && !isOver(mail, now())) return false;
    const copy = isLost(mail, this.mailbox, remembered, now()) ? await this.read(from) : undefined;
    if (copy !== undefined) await expired(copy, notReached(mail, this.mailbox));
    return true;
  }

  /** The first copy at or after a sequence without its octets; read once. */
  private async look(from: number): Promise<Mail | undefined> {
    const known = this.found.get(from);
    if (known !== undefined) return known;
    const copy = await this.readStored(from);
    const mail = copy && this.mailOf(copy);
    if (mail !== undefined) this.found.set(from, mail);
    return mail;
  }

  private get head(): RecordHead {
    const { account, ownership, options } = this;
    return { account, epoch: ownership?.epoch ?? 0, accountSince: options.accountSince(account) };
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
