import { createResponseTo, readRaw } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { dialogIdOf } from '@parley/sip-stack';
import type { ServerTransaction, TransactionUser } from '@parley/sip-stack';
import { AgentCore } from './sip/agent-core.ts';
import type { RequestParts } from './sip/agent-core.ts';
import type { Call } from './sip/call.ts';
import { allowedMethods } from './sip/options.ts';
import type { Reply, UserAgentOptions } from './sip/options.ts';
import { answerCall, placeCall } from './sip/place-call.ts';
import type { Calls, InviteParts } from './sip/place-call.ts';
import { Registration } from './sip/registration.ts';
import type { RegisterOptions } from './sip/registration.ts';
import { Subscription } from './sip/subscription.ts';
import type { SubscribeParts, Subscriptions } from './sip/subscription.ts';
import { subscriptionKey } from './sip/subscription-key.ts';

/** What a MESSAGE carries. */
export interface MessageParts {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly fields?: readonly RawField[];
}

/** A SIP user agent for instant messaging. Disposing it closes its flow without a word to anybody. */
export interface UserAgent extends Disposable {
  readonly options: UserAgentOptions;
  /** The parts that sessions built on this agent use. */
  readonly core: AgentCore;
  /** Binds this agent to its address. @throws SipFailureError when the registrar refuses @spec RFC 3261 §10.2 */
  register(options?: RegisterOptions): Promise<Registration>;
  /** Sends a MESSAGE; resolves with the final response, whatever it is. @spec RFC 3428 §4 */
  sendMessage(to: string, parts: MessageParts): Promise<SipResponse>;
  /** Sends any other request outside of a dialog; resolves with the final response. */
  request(parts: RequestParts): Promise<SipResponse>;
  /** Subscribes; facts come by the handler from the first NOTIFY on. @throws SipFailureError when refused @spec RFC 6665 §4.1 */
  subscribe(uri: string, parts: SubscribeParts, onNotify: (notify: SipRequest) => void): Promise<Subscription>;
  /** Invites somebody. @throws SipFailureError when the invitation is not accepted @spec RFC 3261 §13.2 */
  invite(uri: string, parts: InviteParts): Promise<Call>;
}

class Agent implements UserAgent, TransactionUser {
  readonly core: AgentCore;
  readonly #calls: Calls = new Map();
  readonly #subscriptions: Subscriptions = new Map();

  constructor(options: UserAgentOptions) {
    this.core = new AgentCore(options, () => this);
  }

  get options(): UserAgentOptions {
    return this.core.options;
  }

  async register(options: RegisterOptions = {}): Promise<Registration> {
    const registration = new Registration(this.core, options);
    await registration.start();
    return registration;
  }

  sendMessage(to: string, { contentType, body, fields = [] }: MessageParts): Promise<SipResponse> {
    return this.request({ method: 'MESSAGE', uri: to, fields: [...fields, ['Content-Type', contentType]], body });
  }

  async request(parts: RequestParts): Promise<SipResponse> {
    const { response } = await this.core.requester.send(this.core.request(parts));
    return response;
  }

  async subscribe(uri: string, parts: SubscribeParts, onNotify: (notify: SipRequest) => void): Promise<Subscription> {
    const subscription = new Subscription(this.core, this.#subscriptions, uri, parts);
    subscription.notified.listen(onNotify);
    await subscription.start();
    return subscription;
  }

  invite(uri: string, parts: InviteParts): Promise<Call> {
    return placeCall(this.core, this.#calls, uri, parts);
  }

  onRequest(transaction: ServerTransaction, request: SipRequest): void {
    if (request.method === 'NOTIFY') this.#onNotify(transaction, request);
    else if (dialogIdOf(request) !== undefined) this.#onInDialog(transaction, request);
    else if (!this.core.layer.rejectMerged(transaction)) void this.#onOutOfDialog(transaction, request);
  }

  onCancel(cancel: ServerTransaction, target: ServerTransaction | undefined): void {
    const status = target === undefined ? 481 : 200;
    this.core.layer.respond(cancel, createResponseTo(cancel.request, status, undefined, { toTag: this.core.token() }));
    if (target !== undefined) this.#reply(target, target.request, { status: 487 });
  }

  onAck(ack: SipRequest): void {
    this.#calls.get(dialogIdOf(ack) ?? '')?.acknowledge();
  }

  /** Nothing to do: what could not be sent is sent again by its sender, and a lost ACK ends its call by itself. */
  onTrouble(): void {}

  [Symbol.dispose](): void {
    for (const subscription of [...this.#subscriptions.values()]) subscription.forget();
    this.core[Symbol.dispose]();
  }

  #onNotify(transaction: ServerTransaction, request: SipRequest): void {
    const subscription = this.#subscriptions.get(subscriptionKey(request, 'to') ?? '');
    if (subscription === undefined) this.#reply(transaction, request, { status: 481 });
    else subscription.receive(transaction, request);
  }

  #onInDialog(transaction: ServerTransaction, request: SipRequest): void {
    const call = this.#calls.get(dialogIdOf(request) ?? '');
    if (call === undefined) this.#reply(transaction, request, this.options.onRequest?.(request) ?? { status: 481 });
    else call.receive(transaction, request);
  }

  async #onOutOfDialog(transaction: ServerTransaction, request: SipRequest): Promise<void> {
    try {
      if (request.method === 'INVITE') await answerCall(this.core, this.#calls, transaction, request);
      else this.#reply(transaction, request, await this.#replyTo(request));
    } catch {
      // A handler of our user failed; its peer hears that at least.
      this.#reply(transaction, request, { status: 500 });
    }
  }

  async #replyTo(request: SipRequest): Promise<Reply> {
    const required = readRaw(request, 'Require');
    const { onMessage, onRequest, supported = [] } = this.options;
    const missing = (required ?? '').split(',').map((tag) => tag.trim());
    const unsupported = missing.filter((tag) => tag !== '' && !supported.includes(tag));
    if (unsupported.length > 0) return { status: 420, fields: [['Unsupported', unsupported.join(', ')]] };
    if (request.method === 'MESSAGE') return (await onMessage?.(request)) ?? { status: 200 };
    const other = onRequest?.(request);
    if (other !== undefined) return other;
    return { status: request.method === 'OPTIONS' ? 200 : 405, fields: [['Allow', allowedMethods]] };
  }

  #reply(transaction: ServerTransaction, request: SipRequest, { status, fields, body }: Reply): void {
    const parts = { toTag: this.core.token(), fields, body };
    this.core.layer.respond(transaction, createResponseTo(request, status, undefined, parts));
  }
}

/** Builds a user agent; it sends nothing and opens nothing before it is asked to. */
export function createUserAgent(options: UserAgentOptions): UserAgent {
  return new Agent(options);
}
