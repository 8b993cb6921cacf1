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
}

/** Copies of one mailbox by the names that their messages can be called; what is gone from the mailbox does no harm. */
export class NameIndex {
  private readonly means: NameMeans;
  private readonly byMessageId = new Map<string, Entry[]>();
  private readonly byCallId = new Map<string, Entry[]>();
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
    const entry: Entry = {
      sequence,
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
