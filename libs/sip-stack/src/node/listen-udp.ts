import { randomBytes } from 'node:crypto';
import type { Endpoint } from '../flow.ts';
import type { DatagramSocket, DatagramUser } from './datagram-socket.ts';
import { openDgram } from './dgram-socket.ts';
import type { Verdict } from './guard/verdict.ts';
import { isKeepAlive, isResponse, takeMessage, verdictOn } from './inbound.ts';
import type { ListenAt, Listener } from './listener.ts';
import { openNativeDatagrams } from './native/native-datagrams.ts';
import { peerKeyOf } from './peer-key.ts';
import type { PeerKey } from './peer-key.ts';
import { RecentMap } from './recent-map.ts';
import { stunBindingAnswer } from './stun-binding.ts';
import { isStun } from './stun-message.ts';
import { transportContext } from './transport-context.ts';
import type { TransportContext, TransportOptions } from './transport-context.ts';
import { UdpFlow } from './udp-flow.ts';
import type { UdpFlowHome } from './udp-flow.ts';

/** What a UDP socket is given beyond what every transport has. */
export interface UdpOptions extends TransportOptions {
  /** Octets that the kernel keeps for us while we work; default 4 MiB, some 3000 messages; the system may cap it. */
  readonly recvBufferSize?: number;
  /** Octets that the kernel keeps for the network; default 4 MiB. */
  readonly sendBufferSize?: number;
  /**
   * Takes STUN datagrams other than by answering Binding requests.
   *
   * @returns the answer to send, if any
   */
  readonly onStun?: (datagram: Buffer, remote: Endpoint) => Buffer | undefined;
  /** Hears of datagrams of line breaks and zeros, which many phones keep their NAT open with; they get no answer. */
  readonly onKeepAlive?: (remote: Endpoint) => void;
  /**
   * Asked about each request before it is read: whether it was answered with a refusal, and nothing is left to do.
   * Whoever has too much to do refuses at the least cost so.
   */
  readonly shed?: (datagram: Buffer, flow: UdpFlow) => boolean;
}

/** A UDP socket: receives from everybody, and is where flows to anybody begin. */
export interface UdpListener extends Listener {
  /** The flow to an address, the same one as for what comes from there. */
  flowTo(remote: Endpoint): UdpFlow;
  /**
   * Part of the kernel's queue of what came that is taken, 0 to 1; 2 when it threw something away since it was last asked;
   * undefined where nobody can tell.
   */
  fill(): number | undefined;
  /** Has the kernel let in only a part, 0 to 1, of the requests that can wait; see {@link DatagramSocket.letIn}; whether it can. */
  letIn(part: number): boolean;
}

const fourMebibytes = 4_194_304;

class UdpTransport implements UdpListener, UdpFlowHome, DatagramUser {
  readonly socket: DatagramSocket;
  readonly context: TransportContext;
  readonly secret = randomBytes(32);
  readonly #flows: RecentMap<PeerKey, UdpFlow>;
  readonly #onStun: (datagram: Buffer, remote: Endpoint) => Buffer | undefined;
  readonly #onKeepAlive: (remote: Endpoint) => void;
  readonly #shed: NonNullable<UdpOptions['shed']>;

  constructor(socket: DatagramSocket, options: UdpOptions) {
    this.socket = socket;
    this.context = transportContext(options);
    this.#flows = new RecentMap(this.context.limits.udpFlows);
    this.#onStun = options.onStun ?? stunBindingAnswer;
    this.#onKeepAlive = options.onKeepAlive ?? (() => {});
    this.#shed = options.shed ?? (() => false);
    socket.hear(this);
  }

  get local(): Endpoint {
    return this.socket.local;
  }

  get size(): number {
    return this.#flows.size;
  }

  known(key: PeerKey): UdpFlow | undefined {
    return this.#flows.get(key);
  }

  flowTo(remote: Endpoint): UdpFlow {
    const key = peerKeyOf(remote);
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    const flow = new UdpFlow(remote, this, this.context.guard.datagrams(remote.address));
    this.#flows.set(key, flow);
    return flow;
  }

  fill(): number | undefined {
    return this.socket.fill();
  }

  letIn(part: number): boolean {
    return this.socket.letIn(part);
  }

  forget(flow: UdpFlow): void {
    this.#flows.delete(peerKeyOf(flow.remote));
  }

  take(datagram: Buffer, flow: UdpFlow): void {
    const verdict = verdictOn(datagram, flow);
    const first = datagram[0] ?? 0;
    if (verdict === 'cut') this.context.dropped('rate', flow.remote.address);
    else if (first < 0x40) this.#takeOther(datagram, flow, verdict);
    else if (verdict !== 'pass' || isResponse(datagram) || !this.#shed(datagram, flow))
      takeMessage(datagram, flow, this.context, verdict);
  }

  /** A datagram that does not begin with a letter. */
  #takeOther(datagram: Buffer, flow: UdpFlow, verdict: Verdict): void {
    if (isKeepAlive(datagram)) {
      this.#onKeepAlive(flow.remote);
      return;
    }
    if (!isStun(datagram)) {
      takeMessage(datagram, flow, this.context, verdict);
      return;
    }
    const answer = this.#onStun(datagram, flow.remote);
    if (answer !== undefined) flow.sendOctets(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket.close();
  }
}

/**
 * Listens for SIP over UDP.
 *
 * @throws Error of the system when the place is taken or not ours
 * @spec RFC 3261 §18.2.1, RFC 3581 §4, RFC 5626 §8
 */
export async function listenUdp(at: ListenAt, options: UdpOptions): Promise<UdpListener> {
  const { recvBufferSize = fourMebibytes, sendBufferSize = fourMebibytes } = options;
  const buffers = { recvBufferSize, sendBufferSize };
  const { native } = options;
  const socket = native === undefined ? await openDgram(at, buffers) : openNativeDatagrams(native, at, buffers);
  return new UdpTransport(socket, options);
}
