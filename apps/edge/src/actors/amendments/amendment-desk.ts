import { shardOf } from '@parley/actor';
import type { Bus } from '@parley/bus';
import type { edge } from '@parley/contracts';
import { rpc, shardSubject } from '@parley/contracts';
import type { Clock } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import type { ServerTransaction } from '@parley/sip-stack';
import { createHash } from 'node:crypto';
import type { EdgeEvents } from '../../events.ts';
import type { DeviceBook } from '../../location/device-book.ts';
import type { DeliveryHooks } from '../../mailbox/delivery-hooks.ts';
import type { Binding } from '../../registrar/binding.ts';
import type { Amendment } from '../../replace/amendment.ts';
import { amendmentOf } from '../../replace/amendment.ts';
import { replaceTag } from '../../replace/plain-form.ts';
import { forwardedRequest } from '../../routing/forward-request.ts';
import { noNews } from '../mailbox/address-of-record.ts';
import type { DateText } from '../date-text.ts';
import type { Copyable, MailboxDesk } from '../mailbox/mailbox-desk.ts';
import type { MessageProxy, Restriction } from '../page-mode/message-proxy.ts';
import type { Responder } from '../entry/responder.ts';

/** What the desk is built from. */
export interface AmendmentDeskOptions {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly realm: string;
  readonly date: DateText;
  readonly events: Pick<EdgeEvents, 'fault'>;
  readonly responder: Pick<Responder, 'reply' | 'refuse'>;
  readonly devices: Pick<DeviceBook, 'remembered' | 'supports'>;
  readonly mailboxDesk: Pick<MailboxDesk, 'copyable'>;
  readonly messages: Pick<MessageProxy, 'post'>;
  readonly hooks: DeliveryHooks;
  /** Who sent a request, in one spelling. */
  readonly senderOf: (request: SipRequest) => string | undefined;
}

/** Whom a message is for, and over what. */
export interface AmendedRecipient {
  readonly account: string;
  readonly live: readonly Binding[];
  readonly isDevice: boolean;
}

/** Milliseconds that the owner of a mailbox may take. */
const patience = 7_000;

/**
 * Takes messages that replace or recall others: what still waits is amended by the owner of the mailbox, and the rest goes
 * to devices as any message, as far as they can do something with it.
 *
 * @spec docs/specs/replace-message.md §8
 */
export class AmendmentDesk {
  private readonly options: AmendmentDeskOptions;
  private asking = 0;

  constructor(options: AmendmentDeskOptions) {
    this.options = options;
  }

  /** Messages whose owner has not answered. */
  get size(): number {
    return this.asking;
  }

  /** @param isProved - whether its From was authenticated, or vouched for by a peer */
  take(transaction: ServerTransaction, request: SipRequest, recipient: AmendedRecipient, isProved: boolean): void {
    const { responder } = this.options;
    const amendment = amendmentOf(request, nodeBytes);
    if (!amendment.ok) responder.reply(transaction, 400, `Bad Request: ${amendment.error}`);
    else if (amendment.value === undefined) this.post(transaction, request, recipient, undefined);
    else {
      this.amend(transaction, request, recipient, amendment.value, isProved).catch((error: unknown) => {
        this.options.events.fault(request.method, error);
        responder.reply(transaction, 500);
      });
    }
  }

  private async amend(
    transaction: ServerTransaction,
    request: SipRequest,
    recipient: AmendedRecipient,
    amendment: Amendment,
    isProved: boolean,
  ): Promise<void> {
    const { responder } = this.options;
    this.asking++;
    const amended = await this.askOwner(request, recipient, amendment, isProved).finally(() => this.asking--);
    if (amended === undefined) responder.reply(transaction, 503, undefined, [['Retry-After', '5']]);
    else if (amended.outcome === 'forbidden') responder.refuse(transaction, notTheirs);
    else if (amended.outcome === 'recalled') responder.refuse(transaction, recalledBefore);
    else this.pass(transaction, request, recipient, amendment, amended);
  }

  /** To those whose copies were not amended. */
  private pass(
    transaction: ServerTransaction,
    request: SipRequest,
    recipient: AmendedRecipient,
    { action }: Amendment,
    { outcome, devices, waits }: edge.AmendedCopies,
  ): void {
    const { account, live } = recipient;
    const { devices: book, responder } = this.options;
    const covered = new Set(devices);
    const canAct = (device: string): boolean => action === 'replace' || book.supports(account, device, replaceTag);
    const mayGoTo = (device: string): boolean => !covered.has(device) && canAct(device);
    const isAmended = outcome === 'amended';
    const bound = live.map(({ device }) => device);
    const known = recipient.isDevice ? bound : [...bound, ...book.remembered(account)];
    if (action === 'recall' && !isAmended && !known.some(mayGoTo)) responder.refuse(transaction, nobodyCan);
    else
      this.post(transaction, request, recipient, {
        mayGoTo,
        done: isAmended ? (waits ? 'stored' : 'taken') : undefined,
      });
  }

  private post(
    transaction: ServerTransaction,
    request: SipRequest,
    { account, live, isDevice }: AmendedRecipient,
    restriction: Restriction | undefined,
  ): void {
    this.options.messages.post(transaction, request, account, live, isDevice, restriction);
  }

  /** What became of stored copies; undefined when nobody could say. */
  private async askOwner(
    request: SipRequest,
    { account, isDevice }: AmendedRecipient,
    amendment: Amendment,
    isProved: boolean,
  ): Promise<edge.AmendedCopies | undefined> {
    const { bus, clock, realm, date, mailboxDesk } = this.options;
    const forwarded = forwardedRequest(request, { realm, date: date.line() });
    const copyable = isDevice ? undefined : mailboxDesk.copyable(request, forwarded);
    if (copyable === undefined) return untouched;
    const sender = isProved ? (this.options.senderOf(request) ?? '') : '';
    const news: edge.MailboxNews = { ...noNews(account), amend: wishOf(copyable, amendment, sender) };
    const deadline = clock.now() + patience;
    const reply = await bus.request(shardSubject('edge', shardOf(account)), rpc.mailbox, news, { deadline });
    const amended = reply.ok ? reply.value.amended : undefined;
    if (amended?.outcome === 'amended') this.tell(account, forwarded, amendment, amended.devices);
    return amended;
  }

  private tell(account: string, forwarded: SipRequest, amendment: Amendment, devices: readonly string[]): void {
    const { action } = amendment;
    this.options.hooks.traces?.amended(account, forwarded, amendment, devices);
    void this.options.hooks.became(account, forwarded, { kind: action === 'recall' ? 'recalled' : 'stored' });
  }
}

const untouched: edge.AmendedCopies = { outcome: 'none', devices: [], waits: false };

function wishOf(
  { request, lifetime, identity }: Copyable,
  { name, action }: Amendment,
  sender: string,
): edge.AmendCopies {
  return {
    sender,
    reference: name.reference,
    byCallId: name.by === 'call-id',
    ...(name.by === 'call-id' && name.cSeq !== undefined ? { cseq: name.cSeq } : {}),
    recall: action === 'recall',
    request,
    expiresAt: lifetime.kind === 'until' ? lifetime.at : 0,
    identity: createHash('sha256').update(`${sender}\n${identity}`).digest('base64url').slice(0, 26),
  };
}

const notTheirs = refusal(403, 'Forbidden', 'the message was sent by another');
const recalledBefore = refusal(481, 'Message Does Not Exist', 'the message was recalled');
const nobodyCan = refusal(
  488,
  'Not Acceptable Here',
  'the message does not wait here, and no device of the recipient can recall it',
);
