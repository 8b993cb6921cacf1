import { notifyRequestsOf, wantsSummary } from '@parley/imdn';
import { participantKey } from '../addresses/participant-key.ts';
import type { KnownMessages } from '../amendments/known-messages.ts';
import type { Member } from '../hub/hub.ts';
import { isHere } from '../hub/hub.ts';
import type { IncomingMessage } from '../message/incoming-message.ts';
import type { MessageHead } from '../message/message-head.ts';
import { nameOf } from '../message/message-name.ts';
import type { RoomReceipts } from '../notifications/room-receipts.ts';
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

  constructor(around: Surroundings, parts: SaidParts) {
    this.around = around;
    this.parts = parts;
  }

  /** A message begins to go on. */
  begun({ session, message }: IncomingChunk, head: MessageHead, route: Heard): void {
    const { codec, clock } = this.around;
    const messageId = nameOf(head, message.id, codec);
    const to = route.kind === 'room' ? '' : participantKey(head.to?.[0] ?? '');
    const said = { messageId, sender: session.senderOf(head.from ?? ''), at: Math.floor(clock.wallTime()) };
    message.known = {
      place: { room: session.hub.room, to },
      message: { ...said, names: [], isRecalled: false, source: session.reference },
    };
    if (route.kind !== 'room') return;
    this.parts.indicators.said(session);
    const summarised = notifyRequestsOf(head.cpim, codec).filter(wantsSummary);
    if (summarised.length === 0) return;
    const recipients = [...session.hub.members()].filter((member) => member !== session).flatMap(addressOf);
    const types = summarised.map(({ type }) => type);
    void this.parts.receipts.open({ session, messageId, summarised: types, recipients });
  }

  /** All of it came. */
  whole({ known }: IncomingMessage): void {
    if (known !== undefined) this.parts.known.put(known.place, known.message);
  }
}

function addressOf(member: Member): readonly string[] {
  const address = isHere(member) ? member.terms.uris[0] : member.uriKeys[0];
  return address === undefined ? [] : [address];
}
