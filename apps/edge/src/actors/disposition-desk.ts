import type { CpimAddress } from '@parley/cpim';
import { isAskedFor } from '@parley/imdn';
import type { Clock } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest, Uri } from '@parley/sip';
import {
  escapeUser,
  field,
  noParameters,
  parseUri,
  serialise,
  serialiseUri,
  withField,
  withRequestUri,
} from '@parley/sip';
import { magicCookie } from '@parley/sip-stack';
import { accountAt } from '../accounts/account-at.ts';
import type { AccountBook } from '../accounts/account-book.ts';
import type { ServedNames } from '../addresses/destination.ts';
import { destinationOf } from '../addresses/destination.ts';
import type { CuriousMessage } from '../dispositions/curious-message.ts';
import { notificationIn } from '../dispositions/collected.ts';
import { curiosityOf } from '../dispositions/curious-message.ts';
import { mayNotify } from '../dispositions/forged-notification.ts';
import { hiddenListOf } from '../dispositions/hidden-list.ts';
import { notificationRequest } from '../dispositions/notification-request.ts';
import { toldOf } from '../dispositions/told-fate.ts';
import type { Peers } from '../federation/peers.ts';
import { wayBeyond } from '../federation/way-beyond.ts';
import type { ListBook } from '../lists/list-book.ts';
import type { DeviceBook } from '../location/device-book.ts';
import type { Inflate } from '../mailbox/content.ts';
import type { MessageFate } from '../mailbox/delivery-hooks.ts';
import { identityOf } from '../mailbox/stored-request.ts';
import type { Telemetry } from '../telemetry.ts';
import type { DateText } from './date-text.ts';
import type { MailboxDesk } from './mailbox-desk.ts';
import type { Passing, ReceiptDesk } from './receipt-desk.ts';
import { OutcomeListener } from './outcome-listener.ts';
import type { Sender } from './sender.ts';
import type { TraceDesk } from './trace-desk.ts';

/** What the desk is built from. */
export interface DispositionDeskOptions {
  readonly names: ServedNames;
  readonly clock: Clock;
  readonly date: DateText;
  /** What all edges share and nobody else knows. */
  readonly secret: Uint8Array;
  readonly inflate: Inflate;
  readonly accounts: Pick<AccountBook, 'find' | 'findByNumber'>;
  readonly lists: Pick<ListBook, 'find'>;
  readonly devices: Pick<DeviceBook, 'remembered'>;
  readonly mailboxes: Pick<MailboxDesk, 'store'>;
  readonly sender: Pick<Sender, 'send'>;
  readonly peers: Pick<Peers, 'find'>;
  readonly telemetry: Pick<Telemetry, 'notification'>;
  readonly receipts: Pick<ReceiptDesk, 'pass' | 'tell' | 'tellOnce' | 'hiddenBy'>;
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

  constructor(options: DispositionDeskOptions) {
    this.options = options;
  }

  /** Tells a fate to who asked for it; resolves when that is stored. Undefined where nobody asked. */
  tell(account: string, request: SipRequest, fate: MessageFate): Promise<void> | undefined {
    const curious = curiosityOf(request, nodeBytes, this.options.inflate);
    if (curious === undefined) return undefined;
    const told = toldOf(fate);
    if (!isAskedFor(curious.asked, told.disposition)) return undefined;
    const { clock, date, secret, telemetry } = this.options;
    const to = this.addresseeOf(curious.sender);
    if (to === undefined) return undefined;
    const { asked } = curious;
    const hidden = to.account === undefined ? undefined : this.options.receipts.hiddenBy(to.account, asked.messageId);
    const list = hidden ?? this.hiddenList(request);
    const from = list ?? this.recipientOf(account, curious);
    const parts = { asked, told, from, to: to.text, now: clock.wallTime(), date: date.now(), secret };
    const notification = notificationRequest(parts, nodeBytes);
    telemetry.notification(told.disposition.status);
    if (to.account === undefined) return this.sendBeyond(this.routeOf(asked.recordRoutes) ?? to.uri, notification);
    const { messageId, dateTime } = asked;
    const note = told.note === undefined ? {} : { note: { text: told.note, language: 'en' } };
    const imdn = { messageId, disposition: told.disposition, ...(dateTime === undefined ? {} : { dateTime }), ...note };
    const { receipts } = this.options;
    const addressee = to.account;
    const deliver = (): Promise<boolean> => this.deliver(addressee, notification);
    const collected = receipts.tell(addressee, account, imdn);
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
    const to = this.addressHere(account);
    const asked = { messageId: imdn.messageId, requests: [], sender: { uri: to }, recordRoutes: [] };
    // A note is what the member wrote.
    const told = { disposition: imdn.disposition };
    const parts = { told, from: list, to, now: clock.wallTime(), date: date.now(), secret };
    const dated = { ...asked, ...(imdn.dateTime === undefined ? {} : { dateTime: imdn.dateTime }) };
    const notification = notificationRequest({ ...parts, asked: dated }, nodeBytes);
    return this.options.receipts.tellOnce(account, imdn, () => this.deliver(account, notification));
  }

  /**
   * Where a sender is told: all devices of an account here, or his address in the domain of a peer. Of other domains nothing
   * proves the sender, and whom he names would hear of what he never sent.
   */
  private addresseeOf(sender: Uri): Addressee | undefined {
    const { names, accounts, peers } = this.options;
    const destination = destinationOf(sender, names);
    if (destination.kind === 'foreign') {
      const isPeer = peers.find(destination.host) !== undefined;
      return isPeer ? { uri: sender, account: undefined, text: serialiseUri(sender) } : undefined;
    }
    const account = accountAt(destination, accounts);
    return account && { uri: sender, account: account.name, text: this.addressHere(account.name) };
  }

  /**
   * The intermediary that the notification has to pass first, where it is of a peer, as its sender is: others are not
   * followed, since by them anybody could aim notifications at strangers.
   *
   * @spec RFC 5438 §7.2.1, §14
   */
  private routeOf([top]: readonly CpimAddress[]): Uri | undefined {
    const { names, peers } = this.options;
    const uri = top && parseUri(top.uri);
    if (uri?.ok !== true) return undefined;
    const destination = destinationOf(uri.value, names);
    return destination.kind === 'foreign' && peers.find(destination.host) !== undefined ? uri.value : undefined;
  }

  /** The address that the sender wrote to, where it is one of the account: that is how he knows the recipient. */
  private recipientOf(account: string, { to }: CuriousMessage): string {
    const destination = destinationOf(to, this.options.names);
    const isItself = destination.kind === 'user' && destination.name === account;
    if (!isItself || to.kind !== 'sip') return this.addressHere(account);
    return serialiseUri({ ...to, password: undefined, parameters: noParameters, headers: [] });
  }

  /** The list that stands for the recipient, where it hides who is on it. */
  private hiddenList(request: SipRequest): string | undefined {
    const { lists, names } = this.options;
    const isHidden = (text: string): boolean => {
      const uri = parseUri(text);
      const destination = uri.ok ? destinationOf(uri.value, names) : undefined;
      return destination?.kind === 'user' && lists.find(destination.name)?.hideMembers === true;
    };
    return hiddenListOf(request, isHidden, nodeBytes);
  }

  private addressHere(account: string): string {
    return `sip:${escapeUser(account)}@${this.options.names.domain}`;
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

/** Whom a notification is for. */
interface Addressee {
  readonly uri: Uri;
  /** Its account here; undefined: it is of another domain. */
  readonly account: string | undefined;
  readonly text: string;
}

function isSecure(uri: Uri): boolean {
  return uri.kind === 'sip' && uri.scheme === 'sips';
}
