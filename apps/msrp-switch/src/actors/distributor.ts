import type { ContinuationFlag, SharedHead } from '@parley/msrp';
import { noHeaderFields } from '@parley/msrp';
import type { Session } from '../hub/session.ts';
import type { IncomingMessage } from '../message/incoming-message.ts';
import { OutgoingChunk } from '../message/outgoing-chunk.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
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
}

/** Sends to many what was said by one; those who cannot take it are passed over and counted. */
export class Distributor {
  private readonly around: Surroundings;

  constructor(around: Surroundings) {
    this.around = around;
  }

  /** Those of the candidates who can take the message. @spec RFC 7701 §6.1 */
  recipientsOf(
    { session, message }: IncomingChunk,
    candidates: Iterable<Session>,
    wrappedType: string | undefined,
  ): readonly Session[] {
    const recipients: Session[] = [];
    const size = message.total === '*' ? 0 : message.total;
    const passedOver = { unbound: 0, size: 0, type: 0 };
    for (const candidate of candidates) {
      if (candidate === session) continue;
      if (!candidate.isBound) passedOver.unbound++;
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

  /** Sends to all; returns how many of them are behind. */
  send({ head, body, flag, reached, note }: Copy, recipients: readonly Session[]): number {
    if (recipients.length === 0) return 0;
    const chunk = new OutgoingChunk(head, body, flag, this.around.random, note);
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
    this.around.events.delivered(count);
    this.around.events.passedOver('size', tooLarge);
    return behind;
  }

  /** Tells those who heard the beginning that the rest will not come. @spec RFC 4975 §7.1.1 ("#") */
  breakOff(message: IncomingMessage): void {
    if (message.stage.kind !== 'forwarding' || message.forwarded === 0) return;
    const { forwarded, total } = message;
    const byteRange = { start: forwarded + 1, end: forwarded, total };
    const head = { ...abandoned, messageId: message.copyId, byteRange };
    this.send({ head, body: [], flag: '#', reached: 0 }, message.stage.recipients);
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
