import type { Cancel } from '@parley/prelude';
import { field, read, readAll } from '@parley/sip';
import type { RawField, SipResponse } from '@parley/sip';
import { Notifier } from '../notifier.ts';
import type { AgentCore } from './agent-core.ts';
import { SipFailureError } from './failures.ts';
import type { Exchange } from './requester.ts';
import { domainOf } from './requester.ts';

/** How a binding is made. */
export interface RegisterOptions {
  /** Seconds asked for; default 3600. */
  readonly expires?: number;
  /** Registrar other than the domain of the address. */
  readonly registrar?: string;
}

/** Milliseconds until a failed refresh is tried again, doubling up to the second. @spec RFC 5626 §4.5 */
const retries = { first: 30_000, most: 1_800_000 };

/** Where in the life of a binding it is made anew. */
const refreshAt = 0.75;

/** A binding of this agent's contact to its address, kept alive until it is removed. @spec RFC 3261 §10.2 */
export class Registration {
  /** Every outcome after the first: responses to refreshes. */
  readonly refreshed = new Notifier<SipResponse>();
  readonly #core: AgentCore;
  readonly #registrar: string;
  readonly #callId: string;
  readonly #forgetFlow: Cancel;
  #expires: number;
  #sequence = 0;
  #failures = 0;
  #timer: Cancel = () => {};
  #over = false;
  #response: SipResponse | undefined;

  constructor(core: AgentCore, options: RegisterOptions) {
    this.#core = core;
    this.#expires = options.expires ?? 3600;
    this.#registrar = options.registrar ?? domainOf(core.options.aor);
    this.#callId = core.token();
    this.#forgetFlow = core.flowLost.listen(() => {
      this.#refreshIn(this.#pause());
    });
  }

  /** The latest answer of the registrar. */
  get response(): SipResponse | undefined {
    return this.#response;
  }

  /** Our GRUUs, when the registrar gave any. @spec RFC 5627 §4.2 */
  get gruus(): { readonly public: string | undefined; readonly temporary: string | undefined } {
    const contacts = this.#response === undefined ? undefined : readAll(this.#response, field.contact);
    const own = contacts?.ok === true ? contacts.value : [];
    const ours = own.find((contact) => contact !== '*' && contact.instance === this.#core.options.instance);
    if (ours === undefined || ours === '*') return { public: undefined, temporary: undefined };
    return { public: ours.pubGruu, temporary: ours.tempGruu };
  }

  /** Makes the binding. @throws SipFailureError when the registrar refuses */
  async start(): Promise<void> {
    const response = await this.#register();
    if (response.statusCode < 300) return;
    this.#end();
    throw new SipFailureError('REGISTER', response);
  }

  /** Removes the binding. */
  async unregister(): Promise<SipResponse> {
    this.#end();
    const { response } = await this.#send(0);
    return response;
  }

  /** Stops keeping the binding alive, and leaves it to expire. */
  abandon(): void {
    this.#end();
  }

  #end(): void {
    this.#over = true;
    this.#timer();
    this.#forgetFlow();
  }

  async #register(): Promise<SipResponse> {
    let { response } = await this.#send(this.#expires);
    if (response.statusCode === 423) {
      const least = read(response, field.minExpires);
      if (least.ok && least.value !== undefined && least.value > this.#expires) {
        this.#expires = least.value;
        ({ response } = await this.#send(this.#expires));
      }
    }
    this.#response = response;
    if (response.statusCode < 300) this.#failures = 0;
    else this.#failures++;
    this.#refreshIn(response.statusCode < 300 ? this.#granted(response) * 1000 * refreshAt : this.#pause());
    return response;
  }

  async #send(expires: number): Promise<Exchange> {
    const { options } = this.#core;
    this.#sequence++;
    const instance = options.instance === undefined ? '' : `;+sip.instance="<${options.instance}>";reg-id=1`;
    const supported = [...new Set(['path', 'gruu', 'outbound', ...(options.supported ?? [])])].join(', ');
    const fields: RawField[] = [
      ['Contact', `${this.#core.contact};expires=${expires}${instance}`],
      ['Expires', String(expires)],
      ['Supported', supported],
    ];
    const exchange = await this.#core.requester.send(
      this.#core.request({
        method: 'REGISTER',
        uri: this.#registrar,
        toUri: options.aor,
        callId: this.#callId,
        sequence: this.#sequence,
        fields,
      }),
    );
    const cSeq = read(exchange.request, field.cSeq);
    if (cSeq.ok && cSeq.value !== undefined) this.#sequence = Math.max(this.#sequence, cSeq.value.sequence);
    return exchange;
  }

  /** Seconds for which the registrar keeps our binding. @spec RFC 3261 §10.2.4 */
  #granted(response: SipResponse): number {
    const contacts = readAll(response, field.contact);
    const own = this.#core.contact.slice(1, -1);
    const ours = contacts.ok
      ? contacts.value.find((contact) => contact !== '*' && field.contact.serialise(contact).includes(own))
      : undefined;
    if (ours !== undefined && ours !== '*' && ours.expires !== undefined) return ours.expires;
    const expires = read(response, field.expires);
    return expires.ok && expires.value !== undefined ? expires.value : this.#expires;
  }

  #pause(): number {
    return this.#failures === 0 ? 0 : Math.min(retries.first * 2 ** (this.#failures - 1), retries.most);
  }

  #refreshIn(delay: number): void {
    this.#timer();
    if (this.#over) return;
    this.#timer = this.#core.clock.after(delay, () => {
      void this.#register().then((response) => {
        this.refreshed.tell(response);
      });
    });
  }
}
