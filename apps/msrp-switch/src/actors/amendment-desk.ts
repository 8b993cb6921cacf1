import { withoutCpimReplace } from '@parley/cpim';
import { participantKey } from '../addresses/participant-key.ts';
import type { KnownMessage } from '../amendments/known-message.ts';
import { amendableBy, doneBy, mostNameOctets, namedAlso } from '../amendments/known-message.ts';
import type { KnownMessages } from '../amendments/known-messages.ts';
import type { MessageFinder } from '../amendments/message-finder.ts';
import { viewOf } from '../amendments/message-finder.ts';
import type { AmendedHistory, Replacement } from '../history/amended-history.ts';
import type { HistoryDesk } from '../history/history-desk.ts';
import { keptHead } from '../history/kept-message.ts';
import type { Hub, Member } from '../hub/hub.ts';
import { isHere } from '../hub/hub.ts';
import type { BoardListener } from '../hub/switchboard.ts';
import { nameOf } from '../message/message-name.ts';
import type { Distributor } from './distributor.ts';
import type { Errand, ErrandResult, Whole } from './errand.ts';
import { wholeCopy } from './errand.ts';
import { expectReports } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/** What amendments are carried out with. */
export interface AmendmentParts {
  readonly distributor: Distributor;
  readonly known: KnownMessages;
  readonly finder: MessageFinder;
  readonly history: AmendedHistory;
  readonly desk: Pick<HistoryDesk, 'written'>;
}

/** What is asked for. */
interface Amendment {
  readonly whole: Whole;
  readonly hub: Hub;
  readonly action: 'replace' | 'recall';
  /** Message-ID that it names. */
  readonly original: string;
  /** Its own. */
  readonly name: string;
  readonly sender: string;
  /** Key of the recipient of a private message; empty: the room. */
  readonly to: string;
}

/** Amendments of one room that may wait for those before them. */
const mostWaiting = 256;

/** Octets of them, and of those of all rooms: more than that comes only while the history does not answer. */
const mostOctets = { ofRoom: 4 * 1024 * 1024, ofAll: 64 * 1024 * 1024 };

/** Milliseconds by which the clock of another switch may be ahead: who came just then rather hears of what he did not get. */
const clockSkew = 2000;

/** Amendments of a room, of which one is carried out and the others wait. */
interface Queue {
  last: Promise<unknown>;
  waiting: number;
  octets: number;
}

const historyFails: ErrandResult = { code: 408, comment: 'the history cannot be changed now' };

const longName: ErrandResult = { code: 400, comment: `expected names of at most ${mostNameOctets} octets` };

const unknownMessage: ErrandResult = { code: 404, comment: 'no message of that name' };

/**
 * Replaces and recalls what was said: for who got it and in the history, when its sender wants that; of one room one after the
 * other.
 *
 * @spec docs/specs/replace-message.md §9
 */
export class AmendmentDesk implements Errand, BoardListener {
  /** Contents that are larger are recalled and said anew. */
  readonly limit = 1024 * 1024;
  private readonly around: Surroundings;
  private readonly parts: AmendmentParts;
  private readonly queues = new Map<Hub, Queue>();
  /** Of all queues. */
  private octets = 0;

  constructor(around: Surroundings, parts: AmendmentParts) {
    this.around = around;
    this.parts = parts;
  }

  carryOut(whole: Whole): ErrandResult | Promise<ErrandResult> {
    const amendment = this.read(whole);
    if (amendment === undefined) return { code: 400, comment: 'expected replace.Action to be replace or recall' };
    if ([amendment.original, amendment.name].some((name) => Buffer.byteLength(name) > mostNameOctets)) return longName;
    const queue = this.queues.get(amendment.hub) ?? { last: Promise.resolve(), waiting: 0, octets: 0 };
    const { length } = whole.octets;
    const isFull = queue.octets + length > mostOctets.ofRoom || this.octets + length > mostOctets.ofAll;
    if (isFull || queue.waiting >= mostWaiting) return { code: 408 };
    this.queues.set(amendment.hub, queue);
    this.count(queue, 1, length);
    const result = queue.last.then(() => this.amend(amendment));
    queue.last = result
      .catch(() => {})
      .finally(() => {
        this.count(queue, -1, -length);
      });
    return result;
  }

  private count(queue: Queue, messages: number, octets: number): void {
    queue.waiting += messages;
    queue.octets += octets;
    this.octets += octets;
  }

  added(): void {}

  removed(): void {}

  emptied(hub: Hub): void {
    this.queues.delete(hub);
  }

  private read(whole: Whole): Amendment | undefined {
    const { head, route, chunk } = whole;
    const { session, message } = chunk;
    if (head.kind.kind !== 'amendment' || (route.kind !== 'room' && route.kind !== 'private')) return undefined;
    const { action, messageId: original } = head.kind.replace;
    if (action !== 'replace' && action !== 'recall') return undefined;
    const name = nameOf(head, message.id, this.around.codec);
    const sender = session.senderOf(head.from ?? '');
    const to = route.kind === 'room' ? '' : participantKey(head.to?.[0] ?? '');
    return { whole, hub: session.hub, action, original, name, sender, to };
  }

  private async amend(amendment: Amendment): Promise<ErrandResult> {
    const { hub, to, original, sender, name, whole } = amendment;
    const isOwn = (found: readonly KnownMessage[]): boolean => amendableBy(sender, found).kind === 'own';
    const found = await this.parts.finder.find(hub, to, original, isOwn);
    if (found === undefined) return { code: 408 };
    const { session } = whole.chunk;
    if (session.life === 'ended') return { code: 481 };
    if (to === '' && !session.maySpeak) return { code: 403 };
    const done = doneBy(sender, found, name);
    if (done !== undefined) return this.repeat(amendment, done);
    const meant = amendableBy(sender, found);
    if (meant.kind === 'foreign') return { code: 403, comment: 'the message is of another' };
    // Of private messages that nobody here remembers, the recipient judges.
    if (meant.kind === 'unknown') return to === '' || found.length > 0 ? unknownMessage : this.pass(amendment, []);
    return await this.change(amendment, meant.messages);
  }

  private async change(amendment: Amendment, messages: readonly KnownMessage[]): Promise<ErrandResult> {
    const { hub, to } = amendment;
    let isKept = false;
    if (to === '' && hub.policy.history > 0) {
      // An original that is written later would stand in the history as it was said.
      if (!(await this.parts.desk.written(hub.room))) return historyFails;
      const replacement = this.replacementOf(amendment);
      for (const message of messages) {
        const changed = await this.parts.history.amend(hub.room, message, replacement, viewOf(hub));
        if (!changed.ok) return historyFails;
        if (changed.value === 'recalled-before') return unknownMessage;
        isKept ||= changed.value === 'amended';
      }
    }
    return this.tell(amendment, messages, isKept);
  }

  /** Said once more: it was done. A switch that wrote it down and died may have told nobody. */
  private repeat(amendment: Amendment, done: readonly KnownMessage[]): ErrandResult {
    const untold = done.filter(({ isOnlyKept }) => isOnlyKept === true);
    return untold.length === 0 ? { code: 200 } : this.tell(amendment, untold, true);
  }

  /** Tells who got the messages, and remembers that. */
  private tell(amendment: Amendment, messages: readonly KnownMessage[], isKept: boolean): ErrandResult {
    const { hub, to, name, action } = amendment;
    const result = this.pass(amendment, messages, isKept);
    if (result.code !== 200) return result;
    for (const { isOnlyKept: _, ...message } of messages) {
      const names = namedAlso(message.names, name);
      this.parts.known.put({ room: hub.room, to }, { ...message, names, isRecalled: action === 'recall' });
    }
    return result;
  }

  /** What a reader of the history finds from now on. */
  private replacementOf({ whole, action, name }: Amendment): Replacement {
    if (action === 'recall') return { name, said: undefined };
    const { codec, clock } = this.around;
    const octets = plain(whole.octets, codec);
    const at = Math.floor(clock.wallTime());
    const kept = keptHead(octets, { messageId: name, nickname: '', at, senderOf: (from) => from }, codec);
    if (kept === undefined) return { name, said: undefined };
    const { contentType, head } = kept.entry;
    return { name, said: { contentType, head, content: octets.subarray(kept.end) } };
  }

  /** Sends it as it is to all who got the original: who does not know its headers passes over them. @spec RFC 3862 §2.1 */
  private pass(amendment: Amendment, messages: readonly KnownMessage[], isKept = false): ErrandResult {
    const { whole, action, to } = amendment;
    const isRelayed = to !== '' && this.around.dialect === 'draft-03';
    // A recall of what nobody here remembers is none for who would show it as an empty message.
    const isSure = action === 'replace' || messages.length > 0;
    const heard = this.hearers(amendment, messages).filter(({ takesAmendments }) => isSure || takesAmendments);
    if (action === 'recall' && heard.length === 0 && !isKept)
      return { code: 488, comment: 'nobody who has the message can recall it' };
    const source = messages.findLast((message) => message.source !== undefined)?.source?.deref();
    this.send(whole, heard, { isRelayed, source });
    return { code: 200, isRelayed: isRelayed && heard.length > 0 };
  }

  /** Those who got one of the messages, save the device that says this. */
  private hearers({ whole, hub }: Amendment, messages: readonly KnownMessage[]): readonly Member[] {
    const { route, chunk } = whole;
    const since = Math.min(...messages.map(({ at }) => at));
    const candidates =
      route.kind === 'private'
        ? route.to
        : [...hub.members()].filter((member) => member.hearsSince <= since + (isHere(member) ? 0 : clockSkew));
    const { participant } = chunk.session.terms;
    return candidates.filter(
      (member) => !isHere(member) || (member.isBound && member.terms.participant !== participant),
    );
  }

  private send(
    whole: Whole,
    to: readonly Member[],
    { isRelayed, source }: { readonly isRelayed: boolean; readonly source: object | undefined },
  ): void {
    if (to.length === 0) return;
    const { chunk, head, copyId } = whole;
    const audience = this.parts.distributor.audienceOf(chunk, { kind: 'private', to }, head.wrappedType);
    if (isRelayed) expectReports(audience.recipients, chunk, copyId, this.around);
    const copy = wholeCopy(whole, whole.octets, isRelayed);
    // Nobody reports what a room is told, and those who have left meanwhile are no failure.
    const quiet = isRelayed ? copy.head : { ...copy.head, failureReport: 'no' as const };
    // Behind the original, where a recipient still waits for that.
    this.parts.distributor.send({ ...copy, head: quiet, source: source ?? copy.source }, audience);
  }
}

/** A replacement as a message of its own. */
function plain(octets: Uint8Array, codec: Surroundings['codec']): Uint8Array {
  return Buffer.concat(withoutCpimReplace(octets, codec) ?? [octets]);
}
