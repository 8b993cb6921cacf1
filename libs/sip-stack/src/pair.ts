import type { Clock, Random } from '@parley/prelude';
import { portableCodec } from '@parley/prelude';
import { parseSipMessage, serialise } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import type { Endpoint, Flow, TransportProtocol } from './flow.ts';
import { createTransactionLayer } from './transaction-layer/layer.ts';
import type { TransactionLayer } from './transaction-layer/layer.ts';
import type { TransactionLayerOptions } from './transaction-layer/layer-options.ts';
import { stampSource } from './transaction-layer/stamp-source.ts';
import type { TransactionUser } from './transaction-layer/transaction-user.ts';

/** What the simulated link does to messages. */
export interface LinkSettings {
  readonly protocol: TransportProtocol;
  /** Milliseconds that a message takes; called once for each copy. */
  readonly delay: () => number;
  /** Whether this message is lost; only asked over UDP. */
  readonly lose: () => boolean;
  /** Whether it arrives twice; only asked over UDP. */
  readonly duplicate: () => boolean;
}

/** What a pair is built from. */
export interface SipPairOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly left: TransactionUser;
  readonly right: TransactionUser;
  readonly link?: Partial<LinkSettings>;
  /** For either layer, e.g. timers. */
  readonly layer?: Partial<TransactionLayerOptions>;
}

const perfect: LinkSettings = { protocol: 'UDP', delay: () => 10, lose: () => false, duplicate: () => false };

/** One end of the link; messages cross it as octets, so that what cannot be written or read shows. */
class LinkFlow implements Flow {
  readonly id: string;
  readonly protocol: TransportProtocol;
  readonly reliable: boolean;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly peerNames: readonly string[] = [];
  /** Every message that was sent here, lost ones too. */
  readonly sent: SipMessage[] = [];
  open = true;
  private readonly deliver: (octets: Uint8Array, from: LinkFlow) => void;

  constructor(
    protocol: TransportProtocol,
    local: Endpoint,
    remote: Endpoint,
    deliver: (octets: Uint8Array, from: LinkFlow) => void,
  ) {
    this.id = `${local.address}>${remote.address}`;
    this.protocol = protocol;
    this.reliable = protocol !== 'UDP';
    this.local = local;
    this.remote = remote;
    this.deliver = deliver;
  }

  send(message: SipMessage): void {
    this.sent.push(message);
    if (this.open) this.deliver(serialise(message), this);
  }

  close(): void {
    this.open = false;
  }
}

/** Two transaction layers, left and right, joined by a link that loses, delays and repeats what it is told to. */
export class SipPair implements Disposable {
  readonly left: TransactionLayer;
  readonly right: TransactionLayer;
  /** The left one's way to the right one; `sent` holds what left sent. */
  readonly leftFlow: LinkFlow;
  readonly rightFlow: LinkFlow;
  private readonly clock: Clock;
  private readonly link: LinkSettings;

  constructor(options: SipPairOptions) {
    const { clock, random, layer } = options;
    this.clock = clock;
    this.link = { ...perfect, ...options.link };
    const left = { address: '192.0.2.1', port: 5060 };
    const right = { address: '192.0.2.2', port: 5060 };
    this.leftFlow = new LinkFlow(this.link.protocol, left, right, this.carry);
    this.rightFlow = new LinkFlow(this.link.protocol, right, left, this.carry);
    const sentBy = ({ local }: Flow): string => `${local.address}:${local.port}`;
    this.left = createTransactionLayer({ ...layer, clock, random, sentBy, user: () => options.left });
    this.right = createTransactionLayer({ ...layer, clock, random, sentBy, user: () => options.right });
  }

  /** Breaks the link; both layers hear of it. */
  break(): void {
    for (const flow of [this.leftFlow, this.rightFlow]) flow.close();
    this.left.onClosed(this.leftFlow, undefined);
    this.right.onClosed(this.rightFlow, undefined);
  }

  [Symbol.dispose](): void {
    this.left[Symbol.dispose]();
    this.right[Symbol.dispose]();
  }

  private readonly carry = (octets: Uint8Array, from: LinkFlow): void => {
    const { delay, lose, duplicate } = this.link;
    if (!from.reliable && lose()) return;
    const copies = !from.reliable && duplicate() ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.clock.after(delay(), () => {
        this.arrive(octets, from);
      });
    }
  };

  private arrive(octets: Uint8Array, from: LinkFlow): void {
    const [flow, layer] = from === this.leftFlow ? [this.rightFlow, this.right] : [this.leftFlow, this.left];
    const parsed = parseSipMessage(octets, { codec: portableCodec });
    if (!parsed.ok || !flow.open) return;
    const message = parsed.value;
    layer.onMessage(message.kind === 'request' ? stampSource(message, from.local) : message, flow);
  }
}
