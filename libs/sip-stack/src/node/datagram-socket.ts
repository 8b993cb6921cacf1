import type { Endpoint } from '../flow.ts';
import type { PeerKey } from './peer-key.ts';
import type { UdpFlow } from './udp-flow.ts';

/** The way to one peer out of a UDP socket. */
export interface DatagramRoute {
  /** Sends one datagram: head text and the octets behind it. An error comes later, to whoever made the route. */
  send(head: string, body: Uint8Array): void;
}

/** What carries the datagrams of a listener. */
export interface DatagramSocket {
  readonly local: Endpoint;
  /** Says who hears what comes. */
  hear(user: DatagramUser): void;
  routeTo(remote: Endpoint, failed: (error: Error) => void): DatagramRoute;
  /**
   * Part of the kernel's queue of what came that is taken, 0 to 1; 2 when it threw something away since it was last asked;
   * undefined where nobody can tell.
   */
  fill(): number | undefined;
  /**
   * Has the kernel let in only a part, 0 to 1, of the requests that can wait: where even refusing all is too much, what keeps up
   * registrations and dialogs and the answers of devices still find room. Gives whether the system can.
   */
  letIn(part: number): boolean;
  /** Sends what waits, and closes. */
  close(): Promise<void>;
}

/** Who hears the datagrams of a socket. */
export interface DatagramUser {
  /** The flow to a peer, where there is one; asking first spares the text of its address. */
  known(key: PeerKey): UdpFlow | undefined;
  flowTo(remote: Endpoint): UdpFlow;
  take(datagram: Buffer, flow: UdpFlow): void;
}

/** Octets that the kernel keeps for us, and for the network. */
export interface SocketBuffers {
  readonly recvBufferSize: number;
  readonly sendBufferSize: number;
}
