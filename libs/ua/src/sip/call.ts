import type { Cancel } from '@parley/prelude';
import { createResponseTo, field, read } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { byeRequest, dialogId, dialogRequest, receiveRequest, refreshTarget } from '@parley/sip-stack';
import type { Dialog, DialogRequestParts, ServerTransaction } from '@parley/sip-stack';
import { Notifier } from '../notifier.ts';
import type { AgentCore } from './agent-core.ts';
import type { Reply } from './options.ts';

/** Who ended a call: we by BYE, the peer by BYE, or nobody, because the dialog is lost. */
export type CallEnd = 'local' | 'remote' | 'lost';

/** Milliseconds between the first two copies of a 2xx, and the longest pause; then it is given up. @spec RFC 3261 §13.3.1.4 */
const acceptTimers = { t1: 500, t2: 4_000, limit: 32_000 };

/** A dialog made by INVITE, on either side. */
export class Call {
  /** Tells once that the call is over. */
  readonly ended = new Notifier<CallEnd>();
  /** What to answer to an offer inside the call; without it 488. */
  onReinvite: ((request: SipRequest) => Reply | Promise<Reply>) | undefined;
  /** What the peer sent with its INVITE or its 2xx. */
  readonly remoteBody: Uint8Array;
  readonly #core: AgentCore;
  readonly #forget: (call: Call) => void;
  #dialog: Dialog;
  #over = false;
  /** Stops the repetition of our 2xx. */
  #acknowledged: Cancel = () => {};

  constructor(core: AgentCore, dialog: Dialog, remoteBody: Uint8Array, forget: (call: Call) => void) {
    this.#core = core;
    this.#dialog = dialog;
    this.remoteBody = remoteBody;
    this.#forget = forget;
  }

  get dialog(): Dialog {
    return this.#dialog;
  }

  get id(): string {
    return dialogId(this.#dialog);
  }

  get over(): boolean {
    return this.#over;
  }

  /** Ends the call; the answer to a call that is over already is undefined. @spec RFC 3261 §15.1.1 */
  async bye(): Promise<SipResponse | undefined> {
    if (this.#over) return undefined;
    this.#end('local');
    const [request, dialog] = byeRequest(this.#dialog);
    this.#dialog = dialog;
    const { response } = await this.#core.requester.send(request);
    return response;
  }

  /** Sends another request in the dialog, e.g. INFO. */
  async request(method: string, parts: DialogRequestParts = {}): Promise<SipResponse> {
    const [request, dialog] = dialogRequest(this.#dialog, method, parts);
    this.#dialog = dialog;
    const exchange = await this.#core.requester.send(request);
    const cSeq = read(exchange.request, field.cSeq);
    if (cSeq.ok && cSeq.value !== undefined) {
      const localSequence = Math.max(this.#dialog.localSequence ?? 0, cSeq.value.sequence);
      this.#dialog = { ...this.#dialog, localSequence };
    }
    return exchange.response;
  }

  /** Takes a request of the peer. @spec RFC 3261 §12.2.2 */
  receive(transaction: ServerTransaction, request: SipRequest): void {
    const received = receiveRequest(this.#dialog, request);
    if (!received.ok) {
      this.#respond(transaction, request, { status: received.error.status });
      return;
    }
    this.#dialog = received.value;
    if (request.method === 'BYE') {
      this.#respond(transaction, request, { status: 200 });
      this.#end('remote');
    } else if (request.method === 'INVITE') void this.#answerOffer(transaction, request);
    else this.#respond(transaction, request, { status: request.method === 'OPTIONS' ? 200 : 405 });
  }

  /** The peer has our 2xx. */
  acknowledge(): void {
    this.#acknowledged();
  }

  /** Sends a 2xx to an INVITE, again and again until it is acknowledged. @spec RFC 3261 §13.3.1.4 */
  accept(transaction: ServerTransaction, response: SipResponse): void {
    const { clock, layer } = this.#core;
    layer.respond(transaction, response);
    const started = clock.now();
    const repeat = (pause: number): void => {
      this.#acknowledged = clock.after(pause, () => {
        if (clock.now() - started >= acceptTimers.limit) {
          void this.bye();
          return;
        }
        layer.respond(transaction, response);
        repeat(Math.min(2 * pause, acceptTimers.t2));
      });
    };
    repeat(acceptTimers.t1);
  }

  /** Forgets the dialog without a word, e.g. because the peer does not know it any more. */
  lose(): void {
    this.#end('lost');
  }

  async #answerOffer(transaction: ServerTransaction, request: SipRequest): Promise<void> {
    const reply = (await this.onReinvite?.(request)) ?? { status: 488 };
    if (reply.status >= 300) {
      this.#respond(transaction, request, reply);
      return;
    }
    this.#dialog = refreshTarget(this.#dialog, 'INVITE', request);
    this.accept(transaction, this.#response(request, reply));
  }

  #respond(transaction: ServerTransaction, request: SipRequest, reply: Reply): void {
    this.#core.layer.respond(transaction, this.#response(request, reply));
  }

  #response(request: SipRequest, { status, fields = [], body }: Reply): SipResponse {
    const own: RawField[] = status < 300 ? [['Contact', this.#core.contact]] : [];
    return createResponseTo(request, status, undefined, { fields: [...own, ...fields], body });
  }

  #end(by: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#acknowledged();
    this.#forget(this);
    this.ended.tell(by);
  }
}
