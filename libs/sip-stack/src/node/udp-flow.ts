import { createHmac } from 'node:crypto';
import { noBytes, transportFailure } from '@parley/prelude';
import { serialiseHead } from '@parley/sip';
import type { SipMessage } from '@parley/sip';
import type { Endpoint, Flow } from '../flow.ts';
import type { DatagramRoute, DatagramSocket } from './datagram-socket.ts';
import type { PeerPermit } from './guard/peer-permit.ts';
import type { TransportContext } from './transport-context.ts';

/** What the flows of one UDP socket share. */
export interface UdpFlowHome {
  readonly socket: DatagramSocket;
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
  /** What the peer may still do. */
  readonly permit: PeerPermit;
  open = true;
  readonly #home: UdpFlowHome;
  /** Made when something is first sent. */
  #route: DatagramRoute | undefined;
  #id = '';

  constructor(remote: Endpoint, home: UdpFlowHome, permit: PeerPermit) {
    this.remote = remote;
    this.permit = permit;
    this.local = home.socket.local;
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
    this.#route ??= this.#makeRoute();
    this.#route.send(serialiseHead(message), message.body);
  }

  /** Sends a message without a body that is head text already. */
  sendHead(head: string): void {
    if (!this.open) return;
    this.#route ??= this.#makeRoute();
    this.#route.send(head, noBytes);
  }

  /** Sends what is not SIP: the answer to a keep-alive. */
  sendOctets(datagram: Uint8Array): void {
    this.#route ??= this.#makeRoute();
    this.#route.send('', datagram);
  }

  #makeRoute(): DatagramRoute {
    return this.#home.socket.routeTo(this.remote, (error) => {
      this.#home.context.observer.onClosed(this, transportFailure(error.message, true, error));
    });
  }

  close(_reason: string): void {
    this.#home.forget(this);
  }
}
