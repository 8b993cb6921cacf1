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
  cleared,
  emptyMailbox,
  isCleared,
  isOfEarlierAccount,
  isReadAsFar,
  unlessCleared,
} from '../mailbox/mailbox.ts';
import type { Amending } from '../replace/amended-copy.ts';
import { amendedAgain, contentsOf, inPlaceFor, lastEndOf } from '../replace/amended-copy.ts';
import { AmendmentContents } from './amendment-contents.ts';
import type { CopyRemover } from './copy-remover.ts';
import { MailboxSweeper } from './mailbox-sweeper.ts';
import type { Sweep } from './mailbox-sweeper.ts';
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
  private readonly sweeper: MailboxSweeper;

  constructor(options: StoredMailboxOptions, account: string) {
    const { bus } = options;
    this.options = options;
    this.account = account;
    this.summary = new RecordWriter(bus.bucket(buckets.mailboxes, edge.MailboxRecord), mailboxKey(account));
    this.positions = new RecordWriter(bus.bucket(buckets.cursors, edge.CursorRecord), mailboxKey(account));
    this.stream = bus.stream(streams.mailbox, edge.MailboxMessage);
    this.contents = new AmendmentContents(bus, account);
    this.sweeper = new MailboxSweeper(this, options.remover, this.contents);
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
    return true;
  }

  /** Begins again from the buckets at the next takeover, after a write that may or may not have been done. */
  startAgain(): void {
    this.ownership = undefined;
    this.held.clear();
    this.sweeper.startAgain();
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
    this.sweeper.noteFound(from, this.mailOf(copy));
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
    const known = amended === undefined ? mail : { ...mail, expiresAt: lastEndOf(amended, mail.expiresAt) };
    return unlessCleared(this.mailbox, known);
  }

  /** What is known of a copy as a device gets it. */
  mailFor({ sequence, message }: FoundCopy): Mail {
    return unlessCleared(this.mailbox, mailFromRecord(sequence, message));
  }

  /** The octets of what goes in the place of a copy. */
  contentAt(content: number): Promise<Uint8Array | undefined> {
    return this.contents.at(content);
  }

  /** Whether what was read of a copy is still what a device gets of it. */
  isCurrent({ sequence, content }: FoundCopy, device: string): boolean {
    if (isCleared(this.mailbox, sequence)) return false;
    return inPlaceFor(this.mailbox.amended.get(sequence), device)?.content === content;
  }

  /** Whether nobody needs a copy any more, though a reading that began before may still have found it. */
  isSwept(sequence: number): boolean {
    return this.sweeper.isSwept(sequence);
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
    this.sweeper.forgetFound();
    await this.summarise();
    this.contents.remove(former);
  }

  /** Ends the time of all that is stored by now. Once that is stored it holds, whoever owns the mailbox; a sweep does the rest. */
  async clear(): Promise<void> {
    const last = orThrow(await this.stream.last(mailboxSubject(this.account)));
    if (last === undefined || isCleared(this.mailbox, last.sequence)) return;
    this.mailbox = cleared(this.mailbox, last.sequence);
    this.sweeper.forgetFound();
    await this.summarise();
  }

  /** Whether a copy is for an account that had this name before. */
  isOfEarlier(mail: Mail): boolean {
    return isOfEarlierAccount(mail, this.options.accountSince(this.account));
  }

  /** Forgets the oldest copies as far as nobody needs them: up to the slowest remembered device. */
  sweep(plan: Sweep): Promise<void> {
    return this.sweeper.sweep(plan);
  }

  /** {@link sweep}, and forgets these copies where their time is over, though others stand before them. */
  end(sequences: readonly number[], plan: Sweep): Promise<void> {
    return this.sweeper.end(sequences, plan);
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
