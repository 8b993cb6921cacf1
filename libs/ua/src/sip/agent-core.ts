import { randomToken } from '@parley/prelude';
import type { Clock, Random } from '@parley/prelude';
import { createRequest, encodeText, quote } from '@parley/sip';
import type { RawField, SipRequest } from '@parley/sip';
import { createTransactionLayer } from '@parley/sip-stack';
import type { Flow, FlowObserver, TransactionLayer, TransactionUser } from '@parley/sip-stack';
import { Notifier } from '../notifier.ts';
import { Requester, userOf } from './requester.ts';
import type { UserAgentOptions } from './options.ts';

/** A request outside of any dialog. */
export interface RequestParts {
  readonly method: string;
  /** Request-URI and To. */
  readonly uri: string;
  readonly toUri?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly fields?: readonly RawField[];
  readonly body?: Uint8Array | undefined;
}

/** What the parts of a user agent share: its flow, its transactions and who it is. */
export class AgentCore implements Disposable {
  readonly options: UserAgentOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly layer: TransactionLayer;
  readonly requester: Requester;
  /** Tells when the flow is gone. */
  readonly flowLost = new Notifier<Flow>();
  readonly #invalidHost: string;
  #flow: Flow | undefined;

  constructor(options: UserAgentOptions, user: () => TransactionUser) {
    this.options = options;
    this.clock = options.clock;
    this.random = options.random;
    this.#invalidHost = `${randomToken(options.random, 12)}.invalid`;
    const { clock, random, timers } = options;
    const sentBy = options.sentBy ?? ((flow: Flow): string => this.#hostOn(flow));
    this.layer = createTransactionLayer({ clock, random, sentBy, user, ...(timers === undefined ? {} : { timers }) });
    this.requester = new Requester(this.layer, () => this.flow, options);
  }

  /** The flow to send over; a new one when there is none or the last has closed. */
  get flow(): Flow {
    return this.open();
  }

  /** Opens the flow unless it is open, so that requests are heard before anything is sent. */
  open(): Flow {
    if (this.#flow?.open !== true) this.#flow = this.options.openFlow(this.#observer);
    return this.#flow;
  }

  /** Contact of this agent, as a name-addr. */
  get contact(): string {
    const { flow, options } = this;
    return `<${options.contactUri?.(flow) ?? this.#contactUri(flow)}>`;
  }

  /** From of this agent, without a tag. */
  get from(): string {
    const { aor, displayName } = this.options;
    return displayName === undefined ? `<${aor}>` : `${quote(encodeText(displayName))} <${aor}>`;
  }

  /** Builds a request outside of any dialog. @spec RFC 3261 §8.1.1 */
  request(parts: RequestParts): SipRequest {
    const { method, uri, toUri = uri, callId = this.token(), sequence = 1, fields = [], body } = parts;
    return createRequest({
      method,
      requestUri: uri,
      fields: [
        ['Max-Forwards', '70'],
        ['From', `${this.from};tag=${this.token()}`],
        ['To', `<${toUri}>`],
        ['Call-ID', callId],
        ['CSeq', `${sequence} ${method}`],
        ...fields,
      ],
      body,
    });
  }

  /** An unguessable token: a tag or a Call-ID. */
  token(): string {
    return randomToken(this.random, 20);
  }

  [Symbol.dispose](): void {
    this.#flow?.close('the user agent is done');
    this.layer[Symbol.dispose]();
  }

  readonly #observer: FlowObserver = {
    onMessage: (message, flow) => {
      this.layer.onMessage(message, flow);
    },
    onClosed: (flow, failure) => {
      this.layer.onClosed(flow, failure);
      if (flow !== this.#flow) return;
      this.#flow = undefined;
      this.flowLost.tell(flow);
    },
  };

  /** @spec RFC 7118 §5: a browser knows no address of its own */
  #hostOn({ protocol, local }: Flow): string {
    if (protocol === 'WS' || protocol === 'WSS' || local.port === 0) return this.#invalidHost;
    return `${local.address.includes(':') ? `[${local.address}]` : local.address}:${local.port}`;
  }

  #contactUri(flow: Flow): string {
    const user = encodeURIComponent(userOf(this.options.aor));
    const transport = flow.protocol === 'WSS' ? 'ws' : flow.protocol.toLowerCase();
    return `sip:${user}@${this.#hostOn(flow)};transport=${transport}`;
  }
}
