import { parseCpim } from '@parley/cpim';
import type { FateImdn } from '@parley/imdn';
import { imdnsOf, isNotification, tellsFate } from '@parley/imdn';
import { participantKey } from '../addresses/participant-key.ts';
import type { MessageFinder } from '../amendments/message-finder.ts';
import type { LateNotification, MailDrop } from '../notifications/mail-drop.ts';
import type { RoomReceipts } from '../notifications/room-receipts.ts';
import { notificationAnew } from '../notifications/shown-notification.ts';
import type { Distributor } from './distributor.ts';
import type { Errand, ErrandResult, Whole } from './errand.ts';
import { wholeCopy } from './errand.ts';
import { expectReports, refusalReport } from './reports.ts';
import type { Surroundings } from './surroundings.ts';

/** What notifications are passed on with. */
export interface NotificationParts {
  readonly distributor: Distributor;
  readonly finder: MessageFinder;
  readonly receipts: RoomReceipts;
  readonly mail: MailDrop;
}

/** A notification, read. */
interface Read {
  /** Undefined: it is protected, and nobody but the sender of the message can read it. */
  readonly imdn: FateImdn | undefined;
  /** Whom it is for, or the room. */
  readonly to: string;
}

/**
 * Passes on what became of messages to the room, to who said them and to nobody else: into a summary where that was asked for,
 * without a trace of who notifies where nobody may learn that, and into the mailbox of who has left.
 *
 * @spec RFC 5438 §8.3, §12.2, §14.2; REQ-DISNOT-3, 8, 10 and 11 of the Advanced IM Requirements
 */
export class NotificationDesk implements Errand {
  /** A notification has some 500 octets; one with a signature some thousands. */
  readonly limit = 65_536;
  private readonly around: Surroundings;
  private readonly parts: NotificationParts;

  constructor(around: Surroundings, parts: NotificationParts) {
    this.around = around;
    this.parts = parts;
  }

  carryOut(whole: Whole): ErrandResult | Promise<ErrandResult> {
    const read = this.read(whole);
    if (read === undefined) return { code: 400, comment: 'expected a notification of RFC 5438 for one recipient' };
    const { hub } = whole.chunk.session;
    if (!hub.isRoom(read.to)) return this.tell(whole, read, read.to);
    // It is never for the room: whoever said the message hears of it.
    return read.imdn === undefined ? { code: 200 } : this.tellSender(whole, { ...read, imdn: read.imdn });
  }

  private read({ octets, head }: Whole): Read | undefined {
    const { codec } = this.around;
    const [to, ...others] = head.to ?? [];
    const cpim = parseCpim(octets, codec);
    if (to === undefined || others.length > 0 || !cpim.ok) return undefined;
    if (!isNotification(cpim.value, codec)) return { imdn: undefined, to };
    const imdns = imdnsOf(cpim.value.content, codec);
    if (!imdns.ok || imdns.value.length !== 1) return undefined;
    const [imdn] = imdns.value;
    return imdn !== undefined && tellsFate(imdn) ? { imdn, to } : undefined;
  }

  private async tellSender(whole: Whole, read: Read & { readonly imdn: FateImdn }): Promise<ErrandResult> {
    const { hub } = whole.chunk.session;
    const found = await this.parts.finder.find(hub, '', read.imdn.messageId, (known) => known.length > 0);
    if (found === undefined) return { code: 408 };
    // Who takes a name that another gave first gets nothing by that. Of whose message nothing is known nobody can be told.
    const sender = found.toSorted((one, other) => one.at - other.at)[0]?.sender;
    return sender === undefined ? { code: 200 } : await this.tell(whole, read, sender);
  }

  private tell(whole: Whole, read: Read, address: string): ErrandResult | Promise<ErrandResult> {
    const { imdn } = read;
    const collected = imdn && this.parts.receipts.collect(address, imdn, whole.chunk.session);
    if (collected === undefined) return this.tellAtOnce(whole, read, address);
    return collected.then((outcome) =>
      outcome === 'unwanted' ? this.tellAtOnce(whole, read, address) : { code: outcome === 'stored' ? 200 : 408 },
    );
  }

  private tellAtOnce(whole: Whole, { imdn }: Read, address: string): ErrandResult | Promise<ErrandResult> {
    const { session } = whole.chunk;
    const isHidden = session.hub.policy.hideMembers;
    if (imdn === undefined && isHidden) return { code: 200 }; // no trace can be taken out of it
    const from = isHidden ? session.hub.room : (whole.head.from ?? '');
    const mustChange = isHidden || session.isPseudonymous;
    const octets =
      imdn !== undefined && mustChange ? this.anew(imdn, from, address, isHidden ? undefined : from) : whole.octets;
    return this.pass(whole, { from, to: address, octets });
  }

  private anew(imdn: FateImdn, from: string, to: string, recipient: string | undefined): Uint8Array {
    const { clock, random, codec } = this.around;
    return notificationAnew(imdn, { from, to, recipient, now: Math.floor(clock.wallTime()), random, codec });
  }

  /** To all devices in the room, whether it allows private messages or not: nobody writes it. */
  private pass(whole: Whole, late: LateNotification): ErrandResult | Promise<ErrandResult> {
    const { chunk, head, copyId } = whole;
    const { hub } = chunk.session;
    const to = hub.sessionsOf(participantKey(late.to)).filter((member) => member !== chunk.session && member.isBound);
    const audience = this.parts.distributor.audienceOf(chunk, { kind: 'private', to }, head.wrappedType);
    if (audience.recipients.length + audience.beyond.length === 0) return this.leave(whole, late);
    const isRelayed = this.around.dialect === 'draft-03' && !hub.policy.hideMembers;
    if (isRelayed) expectReports(audience.recipients, chunk, copyId, this.around);
    this.parts.distributor.send(wholeCopy(whole, late.octets, isRelayed), audience);
    return { code: 200, isRelayed };
  }

  private async leave({ chunk, head }: Whole, late: LateNotification): Promise<ErrandResult> {
    if (await this.parts.mail.put(late)) return { code: 200 };
    if (this.around.dialect === 'rfc7701') return { code: 404 };
    return { code: 200, report: refusalReport(chunk, head, 427, this.around) };
  }
}
