import { createHmac } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { transportFailure } from '@parley/prelude';
import { serialiseHead } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import type { Endpoint, Flow } from '../flow.ts';
import type { TransportContext } from './transport-context.ts';

/** What the flows of one UDP socket share. */
export interface UdpFlowHome {
  readonly socket: Socket;
  readonly local: Endpoint;
  readonly context: TransportContext;
  /** Key of the flow names. */
  readonly secret: Buffer;
  forget(flow: UdpFlow): void;
}

/** A pair of addresses. Forgotten and made again it has the same `id`, so that a binding survives its eviction. */
export class UdpFlow implements Flow {
  readonly protocol = 'UDP';
  readonly reliable = false;
  readonly peerNames: readonly string[] = [];
  readonly local: Endpoint;
  readonly remote: Endpoint;
  open = true;
  readonly #home: UdpFlowHome;
  /** The remote address as the family of the socket wants it. */
  readonly #target: string;
  #id = '';

  /** One for all sends: `dgram` tells of an error to nobody else. */
  readonly #sent = (error: Error | null): void => {
    if (error === null) return;
    const failure = transportFailure(error.message, true, error);
    this.#home.context.observer.onClosed(this, failure);
  };

  constructor(remote: Endpoint, target: string, home: UdpFlowHome) {
    this.remote = remote;
    this.local = home.local;
    this.#target = target;
    this.#home = home;
  }

  get id(): string {
    if (this.#id === '') {
      const name = `${this.local.address} ${this.local.port} ${this.remote.address} ${this.remote.port}`;
      this.#id = createHmac('sha256', this.#home.secret).update(name).digest('base64url').slice(0, 20);
    }
    return this.#id;
  }

  send(message: SipMessage): void {
    if (!this.open) return;
    const head = serialiseHead(message);
    const { body } = message;
    const datagram = Buffer.allocUnsafe(head.length + body.length);
    datagram.write(head, 0, 'latin1');
    if (body.length > 0) datagram.set(body, head.length);
    this.sendOctets(datagram);
  }

  /** Sends what is not SIP: the answer to a keep-alive. */
  sendOctets(datagram: Buffer): void {
    this.#home.socket.send(datagram, this.remote.port, this.#target, this.#sent);
  }

  close(_reason: string): void {
    this.#home.forget(this);
  }
}
