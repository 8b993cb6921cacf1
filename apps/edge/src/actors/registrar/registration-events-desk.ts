import type { edge } from '@parley/contracts';
import type { Clock, Random } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import type { SipRequest } from '@parley/sip';
import { escapeUser, parseSipMessage, serialise } from '@parley/sip';
import type { Flow, ServerTransaction, TransactionLayer } from '@parley/sip-stack';
import { dialogId, dialogIdOf, responseImpact } from '@parley/sip-stack';
import { flowNameOf } from '../../flows/flow-name.ts';
import type { FlowTable } from '../../flows/flow-table.ts';
import type { OwnUris } from '../../flows/own-uris.ts';
import type { BindingBook, BindingEvent } from '../../location/binding-book.ts';
import type { Binding } from '../../registrar/binding.ts';
import type { Gruus } from '../../registrar/gruus.ts';
import type { Accepted, Subscribing } from '../../registration-events/subscription.ts';
import { resubscribe, subscribe } from '../../registration-events/subscription.ts';
import { readWish } from '../../registration-events/wish.ts';
import { isInDialog } from '../../routing/dialog-requests.ts';
import type { Doorkeeper } from '../entry/doorkeeper.ts';
import type { EgressDesk } from '../rooms/egress-desk.ts';
import { RegistrationSubscriber } from './registration-subscriber.ts';
import type { SubscriberHost } from './registration-subscriber.ts';
import type { Responder } from '../entry/responder.ts';

/** What the desk is built from. */
export interface RegistrationEventsOptions {
  readonly domain: string;
  /** Seconds; a shorter subscription gets 423. */
  readonly minExpires: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly layer: Pick<TransactionLayer, 'rejectMerged'>;
  readonly doorkeeper: Pick<Doorkeeper, 'admit'>;
  readonly responder: Responder;
  readonly egress: Pick<EgressDesk, 'take'>;
  readonly flows: FlowTable;
  readonly uris: Pick<OwnUris, 'sentBy'>;
  readonly bindings: Pick<BindingBook, 'registered' | 'onChange'>;
  readonly gruus: Gruus;
}

/** Subscriptions of one account, so that nobody makes a REGISTER cost a thousand NOTIFYs. */
const mostOfAccount = 32;

/**
 * The notifier of the registration event package: users watch their own bindings. A subscription lives in the memory of
 * the edge that took it: where that edge dies its subscriber finds no dialog, and subscribes anew.
 *
 * @spec RFC 3680, RFC 6665 §4.2
 */
export class RegistrationEventsDesk implements SubscriberHost, Disposable {
  readonly clock: Clock;
  readonly gruus: Gruus;
  private readonly options: RegistrationEventsOptions;
  private readonly byDialog = new Map<string, RegistrationSubscriber>();
  private readonly byAccount = new Map<string, Set<RegistrationSubscriber>>();
  private sending = 0;

  constructor(options: RegistrationEventsOptions) {
    this.options = options;
    this.clock = options.clock;
    this.gruus = options.gruus;
    options.bindings.onChange((account, event) => {
      this.hear(account, event);
    });
  }

  /** Subscriptions. */
  get size(): number {
    return this.byDialog.size;
  }

  /** NOTIFYs without an answer. */
  get busy(): number {
    return this.sending;
  }

  /** A SUBSCRIBE for the bindings of an account, or within the dialog of one. */
  take(transaction: ServerTransaction, request: SipRequest, account: string): void {
    if (isInDialog(request)) this.refresh(transaction, request);
    else if (!this.options.layer.rejectMerged(transaction)) this.begin(transaction, request, account);
  }

  /** Ends all subscriptions, so that subscribers go to another edge. @spec RFC 6665 §4.1.3 (deactivated) */
  drain(): void {
    for (const subscriber of this.byDialog.values()) subscriber.finish('deactivated');
  }

  addressOf(account: string): string {
    return `sip:${escapeUser(account)}@${this.options.domain}`;
  }

  bindingsOf(account: string): readonly Binding[] {
    return this.options.bindings.registered(account, false);
  }

  async send(request: SipRequest, flow: string): Promise<boolean> {
    this.sending++;
    try {
      return wantsMore(
        await this.options.egress.take({ commandId: '', flow, request: serialise(request, nodeBytes), timeoutMs: 0 }),
      );
    } finally {
      this.sending--;
    }
  }

  ended(subscriber: RegistrationSubscriber): void {
    const { account, dialog } = subscriber.subscription;
    this.byDialog.delete(dialogId(dialog));
    const others = this.byAccount.get(account);
    others?.delete(subscriber);
    if (others?.size === 0) this.byAccount.delete(account);
  }

  [Symbol.dispose](): void {
    for (const subscriber of this.byDialog.values()) subscriber.forget();
  }

  private begin(transaction: ServerTransaction, request: SipRequest, name: string): void {
    const { doorkeeper, responder, random } = this.options;
    const account = doorkeeper.admit(transaction, request, 'uas');
    if (account === undefined) return;
    if (account.name !== name) responder.refuse(transaction, notYours);
    else if ((this.byAccount.get(name)?.size ?? 0) >= mostOfAccount) responder.refuse(transaction, tooMany);
    else {
      const from = this.read(transaction, request, name);
      const made = from && subscribe(from, random);
      if (made?.ok === true)
        this.settle(transaction, made.value, new RegistrationSubscriber(made.value.subscription, this));
      else if (made !== undefined) responder.reply(transaction, made.error.status, made.error.message);
    }
  }

  private refresh(transaction: ServerTransaction, request: SipRequest): void {
    const { responder } = this.options;
    const subscriber = this.byDialog.get(dialogIdOf(request) ?? '');
    if (subscriber === undefined || subscriber.isEnding) {
      responder.reply(transaction, 481);
      return;
    }
    const { subscription } = subscriber;
    const from = this.read(transaction, request, subscription.account);
    if (from === undefined) return;
    if (from.wish.eventId !== subscription.eventId) {
      responder.reply(transaction, 481);
      return;
    }
    const refreshed = resubscribe(subscription, from);
    if (refreshed.ok) this.settle(transaction, refreshed.value, subscriber);
    else responder.reply(transaction, refreshed.error.status, refreshed.error.message);
  }

  /** What a SUBSCRIBE wants; undefined when it was answered here. */
  private read(transaction: ServerTransaction, request: SipRequest, account: string): Subscribing | undefined {
    const { responder, minExpires, clock } = this.options;
    const wish = readWish(request, minExpires);
    if (!wish.ok) {
      const { error } = wish;
      if ('kind' in error) responder.refuse(transaction, error);
      else responder.reply(transaction, error.status, error.phrase, error.fields);
      return undefined;
    }
    const { flow } = transaction;
    return {
      account,
      request,
      wish: wish.value,
      flow: flowNameOf(flow),
      contact: this.contactOver(flow, account),
      isSecure: flow.protocol === 'TLS' || flow.protocol === 'WSS',
      now: clock.wallTime(),
    };
  }

  private contactOver(flow: Flow, account: string): string {
    const { uris } = this.options;
    return `<sip:${escapeUser(account)}@${uris.sentBy(flow)};transport=${flow.protocol.toLowerCase()}>`;
  }

  private settle(transaction: ServerTransaction, accepted: Accepted, subscriber: RegistrationSubscriber): void {
    const { subscription, response } = accepted;
    const { flows, responder } = this.options;
    flows.keep(transaction.flow);
    this.byDialog.set(dialogId(subscription.dialog), subscriber);
    const others = this.byAccount.get(subscription.account) ?? new Set();
    this.byAccount.set(subscription.account, others.add(subscriber));
    responder.send(transaction, response);
    subscriber.subscribed(subscription);
  }

  private hear(account: string, event: BindingEvent): void {
    if (event.binding.forRooms) return;
    for (const subscriber of this.byAccount.get(account) ?? []) {
      subscriber.hear(event);
      if (event.kind === 'account removed') subscriber.finish('noresource');
    }
  }
}

/** A NOTIFY that nobody answers, or whose dialog is gone, ends the subscription. @spec RFC 6665 §4.2.2, RFC 5057 §5.1 */
function wantsMore({ outcome }: edge.EgressReply): boolean {
  const parsed = outcome?.kind === 'response' ? parseSipMessage(outcome.value, { codec: nodeBytes }) : undefined;
  if (parsed?.ok !== true || parsed.value.kind !== 'response') return false;
  const { statusCode } = parsed.value;
  return statusCode < 300 || responseImpact(statusCode) === 'transaction';
}

const notYours = refusal(403, 'Forbidden', 'users may watch their own bindings alone');
const tooMany = refusal(503, 'Too Many Subscriptions', `expected at most ${mostOfAccount} of one account`, 60);
