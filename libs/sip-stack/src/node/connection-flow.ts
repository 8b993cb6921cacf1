import { randomBytes } from 'node:crypto';
import { transportFailure } from '@parley/prelude';
import type { TransportFailure } from '@parley/prelude';
import { serialiseHead } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import type { Endpoint, Flow, TransportProtocol } from '../flow.ts';
import type { PeerPermit } from './guard/peer-permit.ts';
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
  /** What the peer may still do. */
  readonly permit: PeerPermit;
  /** Milliseconds for which things have gone on, as far as {@link lookAgain} counted them. */
  readonly ages = {
    /** Nothing came. */
    silence: 0,
    /** A message has begun and not ended. */
    incomplete: 0,
    /** The peer read nothing of what waits for it. */
    stalled: 0,
  };
  #active = true;
  #incomplete = false;
  #unread = 0;
  #vouched = false;
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

  constructor(facts: FlowFacts, context: TransportContext, permit: PeerPermit) {
    this.#facts = facts;
    this.#context = context;
    this.permit = permit;
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

  /** Whether somebody above knows who the peer is, so that it may be silent for longer. */
  get vouched(): boolean {
    return this.#vouched;
  }

  /** Somebody above knows now who the peer is. */
  vouch(): void {
    if (this.#vouched) return;
    this.#vouched = true;
    this.permit.vouch();
  }

  /** Octets came; `completed`, a message or keep-alive ended with them; `incomplete`, another one has begun. */
  heard(completed: boolean, incomplete: boolean): void {
    this.#active = true;
    if (completed) this.ages.incomplete = 0;
    this.#incomplete = incomplete;
  }

  /** Counts on what goes on, some milliseconds after the last look. */
  lookAgain(period: number): ConnectionFlow['ages'] {
    const { ages } = this;
    const unread = this.#pipe?.waiting ?? 0;
    ages.silence = this.#active ? 0 : ages.silence + period;
    ages.incomplete = this.#incomplete ? ages.incomplete + period : 0;
    ages.stalled = unread > 0 && unread >= this.#unread ? ages.stalled + period : 0;
    this.#active = false;
    this.#unread = unread;
    return ages;
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
    if (waiting > this.#mostWaiting()) this.#tooSlow(waiting);
    else if (this.#queue.octets >= fullWrite) this.#write();
    else if (!this.#asked) {
      this.#asked = true;
      this.#context.flusher.ask(this);
    }
  }

  #mostWaiting(): number {
    const { queueOctets, unauthenticatedQueueOctets } = this.#context.limits;
    return this.#vouched ? queueOctets : Math.min(queueOctets, unauthenticatedQueueOctets);
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
  if (flow instanceof ConnectionFlow) flow.vouch();
}

/** Milliseconds for which nothing came over a connection, give or take some seconds; 0 for a flow over UDP. */
export function silenceOf(flow: Flow): number {
  return flow instanceof ConnectionFlow ? flow.ages.silence : 0;
}
