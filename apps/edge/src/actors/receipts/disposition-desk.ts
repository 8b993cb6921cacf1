import { isAskedFor } from '@parley/imdn';
import type { Clock } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest, Uri } from '@parley/sip';
import { field, serialise, serialiseUri, withField, withRequestUri } from '@parley/sip';
import { magicCookie } from '@parley/sip-stack';
import { notificationIn } from '../../dispositions/collected.ts';
import { curiosityOf } from '../../dispositions/curious-message.ts';
import { mayNotify } from '../../dispositions/forged-notification.ts';
import { notificationRequest } from '../../dispositions/notification-request.ts';
import { toldOf } from '../../dispositions/told-fate.ts';
import { wayBeyond } from '../../federation/way-beyond.ts';
import type { DeviceBook } from '../../location/device-book.ts';
import type { Inflate } from '../../mailbox/content.ts';
import type { MessageFate } from '../../mailbox/delivery-hooks.ts';
import { identityOf } from '../../mailbox/stored-request.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { DateText } from '../date-text.ts';
import { DispositionParties } from './disposition-parties.ts';
import type { DispositionPartiesOptions } from './disposition-parties.ts';
import type { MailboxDesk } from '../mailbox/mailbox-desk.ts';
import type { Passing, ReceiptDesk } from './receipt-desk.ts';
import { OutcomeListener } from '../proxy/outcome-listener.ts';
import type { Sender } from '../proxy/sender.ts';
import type { TraceDesk } from '../traces/trace-desk.ts';

/** What the desk is built from. */
export interface DispositionDeskOptions extends DispositionPartiesOptions {
  readonly clock: Clock;
  readonly date: DateText;
  /** What all edges share and nobody else knows. */
  readonly secret: Uint8Array;
  readonly inflate: Inflate;
  readonly devices: Pick<DeviceBook, 'remembered'>;
  readonly mailboxes: Pick<MailboxDesk, 'store'>;
  readonly sender: Pick<Sender, 'send'>;
  readonly telemetry: Pick<Telemetry, 'notification'>;
  readonly receipts: Pick<ReceiptDesk, 'pass' | 'tell' | 'tellOnce' | 'hiddenBy' | 'keyOf'>;
  readonly traces: Pick<TraceDesk, 'notified'>;
  /** Who sent a request, in one spelling. */
  readonly senderOf: (request: SipRequest) => string | undefined;
}

/** Milliseconds before a store that failed is tried again; then the notification is given up. */
const pauses = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** Max-Forwards of a request that begins here. @spec RFC 3261 §8.1.1.6 */
const firstMaxForwards = 70;

/**
 * Tells senders what became of their messages, where they asked: as the store-and-forward relay of RFC 5438 §8, and for
 * devices that cannot tell it themselves. A notification goes from the recipient to the sender as SIP authenticated him,
 * never to an address that the message names, so that nobody can aim notifications at others (§14). It goes by his
 * mailbox, in which each device of his has a place, or once to the domain of a peer.
 */
export class DispositionDesk {
  private readonly options: DispositionDeskOptions;
  private readonly parties: DispositionParties;

  constructor(options: DispositionDeskOptions) {
    this.options = options;
    this.parties = new DispositionParties(options);
  }

  /**
   * Tells a fate to who asked for it; resolves when that is stored. Undefined where nobody asked.
   *
   * @param account - of the recipient; undefined: he has none here
   */
  tell(account: string | undefined, request: SipRequest, fate: MessageFate): Promise<void> | undefined {
    const curious = curiosityOf(request, nodeBytes, this.options.inflate);
    if (curious === undefined) return undefined;
    const fully = toldOf(fate);
    if (!isAskedFor(curious.asked, fully.disposition)) return undefined;
    const { clock, date, secret, telemetry } = this.options;
    const to = this.parties.addresseeOf(curious.sender);
    if (to === undefined) return undefined;
    const { asked } = curious;
    const hidden = to.account === undefined ? undefined : this.options.receipts.hiddenBy(to.account, asked.messageId);
    const list = hidden ?? this.parties.hiddenList(request);
    // Whoever refused a message may have named himself.
    const told = list === undefined ? fully : { disposition: fully.disposition };
    const from = list ?? this.parties.recipientOf(account, curious);
    const parts = { asked, told, from, to: to.text, now: clock.wallTime(), date: date.now(), secret };
    const notification = notificationRequest(parts, nodeBytes);
    telemetry.notification(told.disposition.status);
    if (to.account === undefined)
      return this.sendBeyond(this.parties.routeOf(asked.recordRoutes) ?? to.uri, notification);
    const { messageId, dateTime } = asked;
    const note = told.note === undefined ? {} : { note: { text: told.note, language: 'en' } };
    const imdn = { messageId, disposition: told.disposition, ...(dateTime === undefined ? {} : { dateTime }), ...note };
    const { receipts } = this.options;
    const recipient = account === undefined ? receipts.keyOf(serialiseUri(curious.to)) : `user ${account}`;
    const addressee = to.account;
    const deliver = (): Promise<boolean> => this.deliver(addressee, notification);
    const collected = receipts.tell(addressee, recipient, imdn);
    return (collected ?? (list === undefined ? deliver() : receipts.tellOnce(addressee, imdn, deliver))).then(() => {});
  }

  /**
   * Keeps a notification of a user from going on by itself: it goes into a summary, or without a trace of its sender, or not
   * at all.
   *
   * @returns undefined where it goes on as it is
   */
  pass(account: string, request: SipRequest): Promise<PassedNotification> | undefined {
    const { receipts, inflate, traces, senderOf } = this.options;
    const notification = mayNotify(request) ? notificationIn(request, inflate) : undefined;
    if (notification === undefined) return undefined;
    const recipient = senderOf(request) ?? 'nobody';
    traces.notified(account, recipient, notification.imdn);
    return receipts.pass(account, recipient, notification)?.then((passing) => this.outcomeOf(account, passing));
  }

  private async outcomeOf(account: string, passing: Passing): Promise<PassedNotification> {
    if (passing.kind !== 'hidden') return passing.kind;
    return (await this.hide(account, passing)) ? 'kept' : 'unstored';
  }

  /** Without a trace of the member, and once per type: not even how many they are is told. @spec RFC 5438 §14.2 */
  private hide(account: string, { list, imdn }: Extract<Passing, { kind: 'hidden' }>): Promise<boolean> {
    const { clock, date, secret } = this.options;
    const to = this.parties.addressHere(account);
    const asked = { messageId: imdn.messageId, requests: [], sender: { uri: to }, recordRoutes: [] };
    // A note is what the member wrote.
    const told = { disposition: imdn.disposition };
    const parts = { told, from: list, to, now: clock.wallTime(), date: date.now(), secret };
    const dated = { ...asked, ...(imdn.dateTime === undefined ? {} : { dateTime: imdn.dateTime }) };
    const notification = notificationRequest({ ...parts, asked: dated }, nodeBytes);
    return this.options.receipts.tellOnce(account, imdn, () => this.deliver(account, notification));
  }

  /** Puts a request of ours into the mailbox of an account; false when nobody could, for long. */
  async deliver(account: string, notification: SipRequest): Promise<boolean> {
    const { mailboxes, devices, telemetry, clock } = this.options;
    const copyable = {
      request: serialise(notification, nodeBytes),
      lifetime: { kind: 'taken' } as const,
      identity: identityOf(notification),
    };
    for (const pause of [...pauses, 0]) {
      const copy = { devices: devices.remembered(account), rest: 0, shared: false, others: [] };
      const { kind } = await mailboxes.store(account, copyable, copy);
      if (kind === 'stored') return true;
      if (kind === 'unavailable' || pause === 0) break;
      await new Promise<void>((resolve) => clock.after(pause, resolve));
    }
    telemetry.notification('lost');
    return false;
  }

  /** Sent once, and not waited for: the other domain keeps it, or nobody does. */
  private sendBeyond(uri: Uri, notification: SipRequest): Promise<void> {
    const { sender, peers, telemetry } = this.options;
    const way = wayBeyond(uri, isSecure(uri), peers)?.way;
    const addressed = withRequestUri(notification, serialiseUri(uri));
    const request = withField(addressed, field.maxForwards, firstMaxForwards);
    const user = new OutcomeListener((isTaken) => {
      if (!isTaken) telemetry.notification('lost');
    });
    sender.send(request, way, user, magicCookie);
    return Promise.resolve();
  }
}

/** What was done with a notification; `unstored`: nothing, and it may be sent again. */
export type PassedNotification = Exclude<Passing['kind'], 'hidden'>;

function isSecure(uri: Uri): boolean {
  return uri.kind === 'sip' && uri.scheme === 'sips';
}
