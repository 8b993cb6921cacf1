import { cpimDateTime } from '@parley/cpim';
import type { NotifyRequest } from '@parley/imdn';
import { imdnType, notifyRequestsOf, wantsSummary } from '@parley/imdn';
import { participantKey } from '../addresses/participant-key.ts';
import { mostNameOctets } from '../amendments/known-message.ts';
import type { KnownMessages } from '../amendments/known-messages.ts';
import type { Member } from '../hub/hub.ts';
import { isHere } from '../hub/hub.ts';
import type { Session } from '../hub/session.ts';
import type { IncomingMessage } from '../message/incoming-message.ts';
import type { MessageHead } from '../message/message-head.ts';
import { nameOf } from '../message/message-name.ts';
import { ownChunk } from '../message/own-chunk.ts';
import type { RoomReceipts } from '../notifications/room-receipts.ts';
import { notificationAnew } from '../notifications/shown-notification.ts';
import type { Heard } from './distributor.ts';
import type { IncomingChunk } from './incoming-chunk.ts';
import type { IndicatorDesk } from './indicator-desk.ts';
import type { Surroundings } from './surroundings.ts';

/** What is kept of messages that go on as they come. */
export interface SaidParts {
  readonly known: KnownMessages;
  readonly receipts: RoomReceipts;
  readonly indicators: Pick<IndicatorDesk, 'said'>;
}

/** Notes of what is said what comes after it will ask for: whose it is, who is told of it, and that its composing is over. */
export class SaidDesk {
  private readonly around: Surroundings;
  private readonly parts: SaidParts;
  /** Messages whose senders want to hear that the room has dealt with them. */
  private readonly processed = new WeakMap<IncomingMessage, () => void>();

  constructor(around: Surroundings, parts: SaidParts) {
    this.around = around;
    this.parts = parts;
  }

  /** A message begins to go on. By a longer name than is remembered nobody can amend it, and nothing is summed up. */
  begun({ session, message }: IncomingChunk, head: MessageHead, route: Heard): void {
    const { codec, clock } = this.around;
    const messageId = nameOf(head, message.id, codec);
    const to = route.kind === 'room' ? '' : participantKey(head.to?.[0] ?? '');
    const said = { messageId, sender: session.senderOf(head.from ?? ''), at: Math.floor(clock.wallTime()) };
    const isRemembered = Buffer.byteLength(messageId) <= mostNameOctets;
    if (isRemembered) {
      message.known = {
        place: { room: session.hub.room, to },
        message: { ...said, names: [], isRecalled: false, source: session.reference },
      };
    }
    if (route.kind !== 'room') return;
    this.parts.indicators.said(session);
    const asked = notifyRequestsOf(head.cpim, codec);
    if (isRemembered && asked.length > 0) this.takeRequests({ session, messageId, message, head }, asked);
  }

  /** All of it came. */
  whole(message: IncomingMessage): void {
    const { known } = message;
    if (known !== undefined) this.parts.known.put(known.place, known.message);
    this.processed.get(message)?.();
  }

  private takeRequests({ session, messageId, message, head }: Asked, asked: readonly NotifyRequest[]): void {
    if (asked.some(({ type }) => type === 'processing'))
      this.processed.set(message, () => {
        this.tellProcessed(session, messageId, head);
      });
    // The room processes a message once: there is nothing to sum up.
    const summarised = asked.filter((one) => wantsSummary(one) && one.type !== 'processing').map(({ type }) => type);
    if (summarised.length === 0) return;
    // Nobody waits for what other devices of the sender say.
    const recipients = [...session.hub.members()].flatMap(addressOf).filter((address) => !session.owns(address));
    void this.parts.receipts.open({ session, messageId, summarised, recipients });
  }

  /** @spec RFC 5438 §8.2 (`processed`, by an intermediary) */
  private tellProcessed({ hub: { room }, terms, outlet, lines }: Session, messageId: string, head: MessageHead): void {
    if (outlet?.isOpen !== true || !terms.acceptance.takes(imdnType)) return;
    const { clock, random, codec } = this.around;
    const dateTime = cpimDateTime(head.cpim);
    const imdn = {
      messageId,
      ...(dateTime.ok ? { dateTime: dateTime.value } : {}),
      disposition: { type: 'processing', status: 'processed' },
    } as const;
    const now = Math.floor(clock.wallTime());
    const octets = notificationAnew(imdn, { from: room, to: head.from ?? '', recipient: room, now, random, codec });
    outlet.deliver(ownChunk([octets], random), lines);
  }
}

/** A message to the room that asks for notifications. */
interface Asked {
  readonly session: Session;
  readonly messageId: string;
  readonly message: IncomingMessage;
  readonly head: MessageHead;
}

function addressOf(member: Member): readonly string[] {
  const address = isHere(member) ? member.terms.uris[0] : member.uriKeys[0];
  return address === undefined ? [] : [address];
}
