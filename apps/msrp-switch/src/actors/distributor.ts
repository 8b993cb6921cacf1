import type { ContinuationFlag, SharedHead } from '@parley/msrp';
import { noHeaderFields } from '@parley/msrp';
import type { Audience, Forwarder } from '../hub/audience.ts';
import type { Member } from '../hub/hub.ts';
import { isHere } from '../hub/hub.ts';
import type { Session } from '../hub/session.ts';
import type { IncomingMessage } from '../message/incoming-message.ts';
import { OutgoingChunk } from '../message/outgoing-chunk.ts';
import type { Route } from '../message/route.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import { areMostBehind } from './pacer.ts';
import type { Surroundings } from './surroundings.ts';

/** What all recipients of a chunk get. */
export interface Copy {
  readonly head: SharedHead;
  readonly body: readonly Uint8Array[];
  readonly flag: ContinuationFlag;
  /** Octets of the message up to the end of this chunk. */
  readonly reached: number;
  /** Is told the transactions, where what recipients answer matters. */
  readonly note?: ((transactionId: string) => void) | undefined;
  /** Who says it, when it is said here. */
  readonly source?: object | undefined;
}

/** A way that a message takes. */
export type Heard = Extract<Route<Member>, { kind: 'room' | 'private' }>;

/** Knows of hearers that are no sessions of this switch. */
export interface FurtherHearers {
  hearers(chunk: IncomingChunk, heard: Heard, wrappedType: string | undefined): readonly Forwarder[];
}

/** Sends to many what was said by one; those who cannot take it are passed over and counted. */
export class Distributor {
  private readonly around: Surroundings;
  private readonly further: FurtherHearers[] = [];

  constructor(around: Surroundings) {
    this.around = around;
  }

  /** Asks `hearer` too, from now on, where a message goes. */
  also(hearer: FurtherHearers): void {
    this.further.push(hearer);
  }

  /** Everybody whom a message is for and who can take it. */
  audienceOf(chunk: IncomingChunk, route: Heard, wrappedType: string | undefined): Audience {
    const { session, message } = chunk;
    const candidates = route.kind === 'private' ? route.to.filter(isHere) : session.hub.sessions.values();
    const what = { size: message.total === '*' ? 0 : message.total, wrappedType };
    const recipients = this.able(candidates, what, session);
    const beyond = this.further.flatMap((hearer) => hearer.hearers(chunk, route, wrappedType));
    return { recipients, beyond };
  }

  /**
   * Those of the candidates who can take a message.
   *
   * @param sender - who says it, when it is here
   * @spec RFC 7701 §6.1
   */
  able(
    candidates: Iterable<Session>,
    { size, wrappedType }: { readonly size: number; readonly wrappedType: string | undefined },
    sender?: Session,
  ): readonly Session[] {
    const recipients: Session[] = [];
    const passedOver = { unbound: 0, size: 0, type: 0 };
    for (const candidate of candidates) {
      // Several streams of one device are one participant.
      if (candidate === sender || candidate.terms.participant === sender?.terms.participant) continue;
      if (!candidate.isBound || candidate.terms.isPaused) passedOver.unbound++;
      else if (size > candidate.terms.peerMaxSize) passedOver.size++;
      else if (!candidate.terms.acceptance.takes(wrappedType)) passedOver.type++;
      else recipients.push(candidate);
    }
    const { events } = this.around;
    events.passedOver('unbound', passedOver.unbound);
    events.passedOver('size', passedOver.size);
    events.passedOver('type', passedOver.type);
    return recipients;
  }

  /** Sends to all; returns whether their sender has to wait. */
  send({ head, body, flag, reached, note, source }: Copy, { recipients, beyond }: Audience): boolean {
    if (recipients.length === 0 && beyond.length === 0) return false;
    const chunk = new OutgoingChunk(head, body, flag, this.around.random, { note, source });
    let count = 0;
    let behind = 0;
    let tooLarge = 0;
    for (const { outlet, terms, lines } of recipients) {
      if (outlet?.isOpen !== true) continue;
      if (reached > terms.peerMaxSize) {
        tooLarge++;
        continue;
      }
      outlet.deliver(chunk, lines);
      count++;
      if (outlet.isBehind) behind++;
    }
    for (const forwarder of beyond) if (forwarder.isOpen) forwarder.deliver(chunk);
    this.around.events.delivered(count);
    this.around.events.passedOver('size', tooLarge);
    return areMostBehind(behind, recipients.length) || beyond.some(({ isBehind }) => isBehind);
  }

  /** Tells those who heard the beginning that the rest will not come. @spec RFC 4975 §7.1.1 ("#") */
  breakOff(message: IncomingMessage): void {
    if (message.stage.kind !== 'forwarding' || message.forwarded === 0) return;
    const { forwarded, total, source } = message;
    const byteRange = { start: forwarded + 1, end: forwarded, total };
    const head = { ...abandoned, messageId: message.copyId, byteRange };
    this.send({ head, body: [], flag: '#', reached: 0, source }, message.stage);
    message.stage = { kind: 'swallowed' };
  }
}

const abandoned: SharedHead = {
  method: 'SEND',
  messageId: undefined,
  successReport: undefined,
  failureReport: 'no',
  byteRange: undefined,
  status: undefined,
  contentType: 'message/cpim',
  fields: noHeaderFields,
};
