import type { media } from '@parley/contracts';
import type { SharedHead } from '@parley/msrp';
import type { Forwarder } from '../hub/audience.ts';
import type { OutgoingChunk } from '../message/outgoing-chunk.ts';
import type { PeerLink } from './peer-link.ts';

/** What a relayed message is, beside its chunks. */
export interface RelayedMessage {
  readonly room: string;
  /** Names it among those of this switch. */
  readonly stream: number;
  /** Who says it. */
  readonly session: string;
  /** Sessions that it is for; none: the room. */
  readonly to: readonly string[];
  readonly wrappedType: string | undefined;
}

/** Octets of one piece: below the payload limit of NATS with room for what else is in its batch. */
const pieceBytes = 256 * 1024;

/** The way of one message to another switch. */
export class RelayStream implements Forwarder {
  private readonly link: PeerLink;
  private readonly message: RelayedMessage;
  private hasBegun = false;
  private isBroken = false;

  constructor(link: PeerLink, message: RelayedMessage) {
    this.link = link;
    this.message = message;
  }

  get isOpen(): boolean {
    return !this.isBroken;
  }

  get isBehind(): boolean {
    return this.link.isBehind;
  }

  checkProgress(): void {
    this.link.checkProgress();
  }

  /** Hands a chunk on; a message of which a part cannot go is given up, so that nobody takes the rest for the whole. */
  deliver({ head, body, flag }: OutgoingChunk): void {
    const octets = body.reduce((sum, part) => sum + part.length, 0);
    if (this.link.isFull && flag !== '#') {
      this.giveUp(head);
      return;
    }
    const whole = body.length === 1 && body[0] !== undefined ? body[0] : Buffer.concat(body, octets);
    let at = 0;
    do {
      const piece = octets <= pieceBytes ? whole : whole.subarray(at, at + pieceBytes);
      const isLast = at + piece.length >= octets;
      this.add(head, at, piece, isLast ? flag : '+');
      at += piece.length;
    } while (at < octets);
  }

  private giveUp(head: SharedHead): void {
    this.isBroken = true;
    if (this.hasBegun) this.add(head, 0, nothing, '#');
  }

  private add(head: SharedHead, offset: number, body: Uint8Array, flag: string): void {
    const { byteRange } = head;
    const chunk: media.MediaChunk = {
      stream: this.message.stream,
      begun: this.hasBegun ? undefined : this.begun(head),
      start: (byteRange?.start ?? 1) + offset,
      total: byteRange === undefined || byteRange.total === '*' ? 0 : byteRange.total,
      body,
      flag,
    };
    this.hasBegun = true;
    this.link.add({ room: this.message.room, news: { kind: 'chunk', value: chunk } }, body.length);
  }

  private begun({ messageId, successReport, failureReport, contentType, fields }: SharedHead): media.MessageBegun {
    const { session, to, wrappedType } = this.message;
    return {
      session,
      to,
      wrappedType,
      messageId: messageId ?? '',
      successReport,
      failureReport,
      contentType: contentType ?? 'message/cpim',
      fields,
    };
  }
}

const nothing = new Uint8Array();
