import { stored as orThrow } from '@parley/bus';
import type { MessageStream, StoredMessage } from '@parley/bus';
import { edge, mailboxSubject, streams } from '@parley/contracts';
import { mailFromRecord } from '../../adapters/mailbox-record.ts';
import type { Mail } from '../../mailbox/mail.ts';
import { cleared, isCleared, isOfEarlierAccount, unlessCleared } from '../../mailbox/mailbox.ts';
import type { Amending } from '../../replace/amended-copy.ts';
import { amendedAgain, contentsOf, inPlaceFor, lastEndOf } from '../../replace/amended-copy.ts';
import { AmendmentContents } from '../amendments/amendment-contents.ts';
import type { CopyRemover } from './copy-remover.ts';
import { MailboxRecords } from './mailbox-records.ts';
import type { MailboxRecordsOptions } from './mailbox-records.ts';
import { MailboxSweeper } from './mailbox-sweeper.ts';
import type { Sweep } from './mailbox-sweeper.ts';

/** What a stored mailbox is built from. */
export interface StoredMailboxOptions extends MailboxRecordsOptions {
  readonly remover: CopyRemover;
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

/** A mailbox in its stream and its records, as the owner of its shard keeps it. Failures of the store are thrown. */
export class StoredMailbox extends MailboxRecords {
  private readonly stream: MessageStream<edge.MailboxMessage>;
  private readonly contents: AmendmentContents;
  /** Copies that are being amended: not delivered until that is done. */
  private readonly held = new Set<number>();
  private readonly sweeper: MailboxSweeper;
  /** Copies of which the sender has been told, or is being, what became of them in the end, until they are gone. */
  private readonly told = new Map<number, Promise<void>>();

  constructor(options: StoredMailboxOptions, account: string) {
    super(options, account);
    const { bus } = options;
    this.stream = bus.stream(streams.mailbox, edge.MailboxMessage);
    this.contents = new AmendmentContents(bus, account);
    this.sweeper = new MailboxSweeper(this, options.remover, this.contents);
  }

  /** Begins again from the buckets at the next takeover, after a write that may or may not have been done. */
  override startAgain(): void {
    super.startAgain();
    this.held.clear();
    this.sweeper.startAgain();
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
  isCurrent(copy: FoundCopy, device: string): boolean {
    return !isCleared(this.mailbox, copy.sequence) && !this.isReplaced(copy, device);
  }

  /** Whether a device gets something else, or nothing, in the place of what was read. */
  isReplaced({ sequence, content }: FoundCopy, device: string): boolean {
    return inPlaceFor(this.mailbox.amended.get(sequence), device)?.content !== content;
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
    const since = this.accountSince(this.account);
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
    return isOfEarlierAccount(mail, this.accountSince(this.account));
  }

  /** Tells what became of a copy; who comes later waits for the same. */
  async once(sequence: number, tell: () => Promise<void>): Promise<void> {
    const telling = this.told.get(sequence) ?? tell();
    this.told.set(sequence, telling);
    try {
      await telling;
    } catch (error) {
      this.told.delete(sequence);
      throw error;
    }
  }

  /** Forgets the oldest copies as far as nobody needs them: up to the slowest remembered device. */
  async sweep(plan: Sweep): Promise<void> {
    await this.sweeper.sweep(plan);
    for (const sequence of this.told.keys()) if (this.isSwept(sequence)) this.told.delete(sequence);
  }

  /** {@link sweep}, and forgets these copies where their time is over, though others stand before them. */
  end(sequences: readonly number[], plan: Sweep): Promise<void> {
    return this.sweeper.end(sequences, plan);
  }
}
