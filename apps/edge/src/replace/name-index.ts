import { messageIdOf } from '@parley/imdn';
import type { ByteCodec } from '@parley/prelude';
import type { SipRequest } from '@parley/sip';
import { field, read, readRaw } from '@parley/sip';
import type { Inflate } from '../mailbox/content.ts';
import { wrappedIn } from '../mailbox/content.ts';
import { amendmentOf } from './amendment.ts';
import type { MessageName } from './amendment.ts';

/** What a stored copy is found by. */
interface Entry {
  readonly sequence: number;
  /** How many were in this place before: 0 for the copy itself. */
  readonly rank: number;
  readonly sender: string | undefined;
  readonly callId: string;
  readonly cSeq: number;
}

/** Copies that a name means. */
export interface Named {
  /** Those of the sender who asks. */
  readonly own: readonly number[];
  /** Those of others that are called so. */
  readonly others: readonly number[];
}

/** How requests are read. */
export interface NameMeans {
  readonly codec: ByteCodec;
  readonly inflate: Inflate;
  readonly senderOf: (request: SipRequest) => string | undefined;
  /** Whether a copy is gone from the mailbox. */
  readonly isGone: (sequence: number) => boolean;
}

/** Of what was in one place, so many are found by their names besides the copy itself: the last ones. */
const mostSuccessors = 32;
/** Requests that are learned between two looks at what is gone, at least. */
const leastBetween = 1_024;

/** Copies of one mailbox by the names that their messages can be called. It holds about twice what the mailbox does at most. */
export class NameIndex {
  private readonly means: NameMeans;
  private byMessageId = new Map<string, Entry[]>();
  private byCallId = new Map<string, Entry[]>();
  /** Requests that were in each place. */
  private ranks = new Map<number, number>();
  private learned = 0;
  private nextLook = leastBetween;
  /** All copies up to here are known. */
  upTo = 0;

  constructor(means: NameMeans) {
    this.means = means;
  }

  /** A copy, or what took its place: that has names of its own, and those before it go on to mean it. */
  add(sequence: number, request: SipRequest): void {
    const { codec, inflate, senderOf } = this.means;
    const cSeq = read(request, field.cSeq);
    const callId = readRaw(request, 'Call-ID') ?? '';
    const rank = this.ranks.get(sequence) ?? 0;
    this.ranks.set(sequence, rank + 1);
    const entry: Entry = {
      sequence,
      rank,
      sender: senderOf(request),
      callId,
      cSeq: cSeq.ok ? (cSeq.value?.sequence ?? 0) : 0,
    };
    put(this.byCallId, callId, entry);
    const cpim = wrappedIn(request, codec, inflate);
    const messageId = cpim && messageIdOf(cpim.head, codec);
    if (messageId?.ok === true && messageId.value !== undefined) put(this.byMessageId, messageId.value, entry);
    const amends = amendmentOf(request, codec);
    if (amends.ok && amends.value !== undefined) this.addNamed(amends.value.name, entry);
    if (++this.learned >= this.nextLook) this.forgetGone();
  }

  /** Requests that are known. */
  get size(): number {
    return this.learned;
  }

  /** Costs as much as what was learned since the last time. */
  private forgetGone(): void {
    const isKept = ({ sequence, rank }: Entry): boolean =>
      !this.means.isGone(sequence) && (rank === 0 || rank + mostSuccessors >= (this.ranks.get(sequence) ?? 0));
    this.byMessageId = filtered(this.byMessageId, isKept);
    this.byCallId = filtered(this.byCallId, isKept);
    this.ranks = new Map([...this.ranks].filter(([sequence]) => !this.means.isGone(sequence)));
    this.learned = 0;
    for (const rank of this.ranks.values()) this.learned += Math.min(rank, mostSuccessors + 1);
    this.nextLook = Math.max(leastBetween, 2 * this.learned);
  }

  /** @param sender - who asks; undefined: nobody who can be proved */
  find(name: MessageName, sender: string | undefined): Named {
    const all = (name.by === 'message-id' ? this.byMessageId.get(name.reference) : this.byCall(name)) ?? [];
    const isOwn = (entry: Entry): boolean => sender !== undefined && entry.sender === sender;
    const own = all.filter(isOwn);
    const meant = name.by === 'call-id' && name.cSeq === undefined ? newest(own) : own;
    return { own: sequencesOf(meant), others: sequencesOf(all.filter((entry) => !isOwn(entry))) };
  }

  private byCall({ reference, cSeq }: Extract<MessageName, { by: 'call-id' }>): readonly Entry[] | undefined {
    const all = this.byCallId.get(reference);
    return cSeq === undefined ? all : all?.filter((entry) => entry.cSeq === cSeq);
  }

  private addNamed(name: MessageName, entry: Entry): void {
    if (name.by === 'message-id') put(this.byMessageId, name.reference, entry);
    else put(this.byCallId, name.reference, { ...entry, callId: name.reference, cSeq: name.cSeq ?? entry.cSeq });
  }
}

function sequencesOf(entries: readonly Entry[]): readonly number[] {
  return [...new Set(entries.map(({ sequence }) => sequence))];
}

function filtered(entries: Map<string, Entry[]>, isKept: (entry: Entry) => boolean): Map<string, Entry[]> {
  const left = [...entries].map(([name, all]) => [name, all.filter(isKept)] as const);
  return new Map(left.filter(([, all]) => all.length > 0));
}

function put(entries: Map<string, Entry[]>, name: string, entry: Entry): void {
  const known = entries.get(name);
  if (known === undefined) entries.set(name, [entry]);
  else known.push(entry);
}

/** The copies of the newest message among those of one Call-ID. */
function newest(entries: readonly Entry[]): readonly Entry[] {
  const highest = Math.max(...entries.map(({ cSeq }) => cSeq));
  return entries.filter(({ cSeq }) => cSeq === highest);
}
