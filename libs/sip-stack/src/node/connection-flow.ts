import { randomBytes } from 'node:crypto';
import { transportFailure } from '@parley/prelude';
import type { TransportFailure } from '@parley/prelude';
import { serialiseHead } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import type { Endpoint, Flow, TransportProtocol } from '../flow.ts';
import { OutputQueue } from './output-queue.ts';
import type { Pipe } from './pipe.ts';
import type { TransportContext } from './transport-context.ts';

/**
 * Octets at which a turn's messages are written without waiting for its end: more in one write gains nothing, and what
 * waits longer outlives the young generation of the garbage collector.
 */
const fullWrite = 65_536;

/** What is known of a connection when its flow begins. */
export interface FlowFacts {
  readonly protocol: TransportProtocol;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly peerNames: readonly string[];
}

/** A flow over a connection. It is `open` from the start: what is sent before the connection stands waits for it. */
export class ConnectionFlow implements Flow {
  readonly id = randomBytes(15).toString('base64url');
  readonly reliable = true;
  /** Whether the connection came about; settles once, and never rejects. */
  readonly stood: Promise<boolean>;
  /** Whether octets came since the last look; whoever looks resets it. */
  active = true;
  /** Milliseconds of silence, as far as they were counted. */
  silence = 0;
  /** Whether somebody above knows who the peer is, so that it may be silent for longer. */
  vouched = false;
  readonly #context: TransportContext;
  readonly #queue = new OutputQueue();
  #facts: FlowFacts;
  #pipe: Pipe | undefined;
  #standing = false;
  readonly #settle: (stood: boolean) => void;
  #asked = false;
  #closing = false;
  #gone = false;
  #failure: TransportFailure | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(facts: FlowFacts, context: TransportContext) {
    this.#facts = facts;
    this.#context = context;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.stood = promise;
    this.#settle = resolve;
  }

  get protocol(): TransportProtocol {
    return this.#facts.protocol;
  }

  get local(): Endpoint {
    return this.#facts.local;
  }

  get remote(): Endpoint {
    return this.#facts.remote;
  }

  get peerNames(): readonly string[] {
    return this.#facts.peerNames;
  }

  get open(): boolean {
    return !this.#closing;
  }

  /** Gives the flow what carries it, which may still be connecting. */
  attach(pipe: Pipe): void {
    this.#pipe = pipe;
  }

  /** The connection stands: what waited is written. */
  stand(facts: FlowFacts = this.#facts): void {
    this.#standing = true;
    this.#facts = facts;
    this.#settle(true);
    this.flush();
    if (this.#closing) this.#pipe?.end();
  }

  send(message: SipMessage): void {
    if (!this.#closing) this.#push(serialiseHead(message), message.body);
  }

  /** Answers a keep-alive. @spec RFC 5626 §3.5.1 */
  pong(): void {
    if (!this.#closing) this.#push('\r\n');
  }

  /** Asks the peer for a pong, so that both ends and the NAT between them know that the flow lives. @spec RFC 5626 §4.4.1 */
  ping(): void {
    if (!this.#closing) this.#push('\r\n\r\n');
  }

  flush(): void {
    this.#asked = false;
    this.#write();
  }

  #write(): void {
    if (this.#standing && !this.#queue.empty) this.#pipe?.write(this.#queue);
  }

  close(_reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.flush();
    if (this.#standing) this.#pipe?.end();
    this.#linger ??= setTimeout(() => this.#pipe?.cut(), this.#context.limits.closeLinger);
  }

  /** Ends the connection at once; the observer hears why when it is gone. */
  fail(failure: TransportFailure): void {
    this.#closing = true;
    this.#failure ??= failure;
    this.#pipe?.cut();
  }

  /** The connection is gone; called once by whoever owns its socket, further calls do nothing. */
  gone(failure?: TransportFailure): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#closing = true;
    clearTimeout(this.#linger);
    this.#settle(false);
    this.#context.observer.onClosed(this, this.#failure ?? failure);
  }

  #push(head: string, body?: Uint8Array): void {
    this.#queue.push(head, body);
    const waiting = this.#queue.octets + (this.#pipe?.waiting ?? 0);
    if (waiting > this.#context.limits.queueOctets) this.#tooSlow(waiting);
    else if (this.#queue.octets >= fullWrite) this.#write();
    else if (!this.#asked) {
      this.#asked = true;
      this.#context.flusher.ask(this);
    }
  }

  #tooSlow(waiting: number): void {
    this.#context.dropped('slow-reader', this.remote.address);
    this.fail(transportFailure(`the peer left ${waiting} octets unread`, true));
  }
}

/**
 * Says that whoever is behind the flow has authenticated, so that the longer idle limit applies to it. Does nothing to
 * flows over UDP.
 */
export function vouchFor(flow: Flow): void {
  if (flow instanceof ConnectionFlow) flow.vouched = true;
}
