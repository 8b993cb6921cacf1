import type { Cancel } from '@parley/prelude';
import { createResponseTo, field, read, withField } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { createUacDialog, dialogRequest, receiveRequest, responseImpact } from '@parley/sip-stack';
import type { Dialog, ServerTransaction } from '@parley/sip-stack';
import { Notifier } from '../notifier.ts';
import type { AgentCore } from './agent-core.ts';
import { SipFailureError } from './failures.ts';
import { subscriptionKey } from './subscription-key.ts';

/** What is subscribed to. */
export interface SubscribeParts {
  /** Event package with parameters, e.g. `conference`. */
  readonly event: string;
  /** Types of documents that are understood. */
  readonly accept?: string;
  /** Seconds asked for; default 3600. */
  readonly expires?: number;
  readonly fields?: readonly RawField[];
}

/** Subscriptions of an agent, by Call-ID and our tag: the NOTIFY may be faster than the 2xx. @spec RFC 6665 §4.4.1 */
export type Subscriptions = Map<string, Subscription>;

/** Where in the life of a subscription it is refreshed. */
const refreshAt = 0.75;

/** Milliseconds to wait for the NOTIFY that confirms the end of a subscription (Timer N). @spec RFC 6665 §4.1.2.4 */
const lastNotifyWithin = 32_000;

/** A subscription that is kept alive until it ends. @spec RFC 6665 §4.1.2 */
export class Subscription {
  /** Tells of every NOTIFY that was accepted. */
  readonly notified = new Notifier<SipRequest>();
  /** Tells once why it ended: the reason of the notifier, or a status code. */
  readonly ended = new Notifier<string>();
  readonly #core: AgentCore;
  readonly #table: Subscriptions;
  readonly #parts: SubscribeParts;
  readonly #request: SipRequest;
  #expires: number;
  #dialog: Dialog | undefined;
  #timer: Cancel = () => {};
  #leaving = false;
  #over = false;

  constructor(core: AgentCore, table: Subscriptions, uri: string, parts: SubscribeParts) {
    this.#core = core;
    this.#table = table;
    this.#parts = parts;
    this.#expires = parts.expires ?? 3600;
    this.#request = core.request({ method: 'SUBSCRIBE', uri, fields: this.#fields(this.#expires) });
    table.set(this.#key(), this);
  }

  get over(): boolean {
    return this.#over;
  }

  /** @throws SipFailureError when the notifier refuses */
  async start(): Promise<void> {
    let exchange = await this.#core.requester.send(this.#request);
    if (exchange.response.statusCode === 423) {
      const least = read(exchange.response, field.minExpires);
      this.#expires = least.ok ? Math.max(least.value ?? 0, this.#expires) : this.#expires;
      exchange = await this.#retry(exchange.request);
    }
    const { request, response } = exchange;
    const dialog = createUacDialog(request, response);
    if (response.statusCode >= 300 || !dialog.ok) {
      this.#end(String(response.statusCode));
      throw new SipFailureError('SUBSCRIBE', response);
    }
    this.#dialog ??= { ...dialog.value, state: 'confirmed' };
    if (!this.#over) this.#refreshIn(this.#granted(response));
  }

  /** Asks for more time, and with that for the whole state. @spec RFC 6665 §4.1.2.2 */
  async refresh(): Promise<void> {
    if (this.#over || this.#leaving || this.#dialog === undefined) return;
    const response = await this.#inDialog(this.#dialog, this.#expires);
    const { statusCode } = response;
    if (statusCode < 300) this.#refreshIn(this.#granted(response));
    else if (responseImpact(statusCode) === 'transaction') this.#refreshIn(this.#expires);
    else this.#end(String(statusCode));
  }

  /** Ends the subscription; the last NOTIFY still comes. @spec RFC 6665 §4.1.2.3 */
  async unsubscribe(): Promise<SipResponse | undefined> {
    this.#timer();
    if (this.#over || this.#leaving || this.#dialog === undefined) return undefined;
    this.#leaving = true;
    const response = await this.#inDialog(this.#dialog, 0);
    this.#awaitLastNotify();
    return response;
  }

  /** Ends it after a while without the last NOTIFY, which may have come before the answer. */
  #awaitLastNotify(): void {
    if (this.#over) return;
    this.#timer = this.#core.clock.after(lastNotifyWithin, () => {
      this.#end('unsubscribed');
    });
  }

  /** Ends it here, without a word to the notifier. */
  forget(): void {
    this.#end('forgotten');
  }

  /** Takes a NOTIFY of this subscription. @spec RFC 6665 §4.1.3 */
  receive(transaction: ServerTransaction, request: SipRequest): void {
    const state = read(request, field.subscriptionState);
    const received = this.#dialog && receiveRequest(this.#dialog, request);
    if (!state.ok || state.value === undefined || received?.ok === false) {
      const status = received?.ok === false ? received.error.status : 400;
      this.#core.layer.respond(transaction, createResponseTo(request, status));
      return;
    }
    this.#dialog = received?.value;
    this.#core.layer.respond(transaction, createResponseTo(request, 200));
    this.notified.tell(request);
    const { state: name, reason, expires } = state.value;
    if (name === 'terminated') this.#end(reason ?? 'terminated');
    else if (expires !== undefined && this.#dialog !== undefined && !this.#leaving)
      this.#refreshIn(Math.min(expires, this.#expires));
  }

  #key(): string {
    return subscriptionKey(this.#request, 'from') ?? '';
  }

  #fields(expires: number): RawField[] {
    const { event, accept, fields = [] } = this.#parts;
    return [
      ['Contact', this.#core.contact],
      ['Event', event],
      ['Expires', String(expires)],
      ...(accept === undefined ? [] : [['Accept', accept] satisfies RawField]),
      ...fields,
    ];
  }

  /** The same request with a longer time, under the next number. @spec RFC 6665 §4.1.2.1 */
  #retry(before: SipRequest): ReturnType<AgentCore['requester']['send']> {
    const cSeq = read(before, field.cSeq);
    const sequence = cSeq.ok && cSeq.value !== undefined ? cSeq.value.sequence + 1 : 2;
    const longer = withField(this.#request, field.expires, this.#expires);
    return this.#core.requester.send(withField(longer, field.cSeq, { sequence, method: 'SUBSCRIBE' }));
  }

  #granted(response: SipResponse): number {
    const expires = read(response, field.expires);
    return expires.ok && expires.value !== undefined ? expires.value : this.#expires;
  }

  #refreshIn(seconds: number): void {
    this.#timer();
    this.#timer = this.#core.clock.after(seconds * 1000 * refreshAt, () => {
      void this.refresh();
    });
  }

  async #inDialog(dialog: Dialog, expires: number): Promise<SipResponse> {
    const [request, next] = dialogRequest(dialog, 'SUBSCRIBE', { fields: this.#fields(expires) });
    this.#dialog = next;
    const exchange = await this.#core.requester.send(request);
    const cSeq = read(exchange.request, field.cSeq);
    if (cSeq.ok && cSeq.value !== undefined) {
      this.#dialog = { ...this.#dialog, localSequence: Math.max(next.localSequence ?? 0, cSeq.value.sequence) };
    }
    return exchange.response;
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer();
    this.#table.delete(this.#key());
    this.ended.tell(reason);
  }
}
