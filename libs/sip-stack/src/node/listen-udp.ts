import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket, SocketOptions } from 'node:dgram';
import { lookup } from 'node:dns';
import { once } from 'node:events';
import { isIP, isIPv6 } from 'node:net';
import type { Endpoint } from '../flow.ts';
import { isKeepAlive, takeMessage } from './inbound.ts';
import type { ListenAt, Listener } from './listener.ts';
import { addressFor, plainAddress } from './plain-address.ts';
import { RecentMap } from './recent-map.ts';
import { isStun, stunBindingAnswer } from './stun-binding.ts';
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
}

/** A UDP socket: receives from everybody, and is where flows to anybody begin. */
export interface UdpListener extends Listener {
  /** The flow to an address, the same one as for what comes from there. */
  flowTo(remote: Endpoint): UdpFlow;
}

const fourMebibytes = 4_194_304;

class UdpTransport implements UdpListener, UdpFlowHome {
  readonly socket: Socket;
  readonly context: TransportContext;
  readonly local: Endpoint;
  readonly secret = randomBytes(32);
  readonly #flows: RecentMap<UdpFlow>;
  readonly #family: 4 | 6;
  readonly #onStun: (datagram: Buffer, remote: Endpoint) => Buffer | undefined;

  constructor(socket: Socket, options: UdpOptions) {
    const { address, port, family } = socket.address();
    this.socket = socket;
    this.local = { address: plainAddress(address), port };
    this.context = transportContext(options);
    this.#family = family === 'IPv6' ? 6 : 4;
    this.#flows = new RecentMap(this.context.limits.udpFlows);
    this.#onStun = options.onStun ?? stunBindingAnswer;
    socket.on('message', (datagram, from) => {
      this.#receive(datagram, from);
    });
    socket.on('error', () => {
      this.context.dropped('garbage', '');
    });
  }

  get size(): number {
    return this.#flows.size;
  }

  flowTo(remote: Endpoint): UdpFlow {
    const key = `${remote.address} ${remote.port}`;
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    const flow = new UdpFlow(remote, addressFor(this.#family, remote.address), this);
    this.#flows.set(key, flow);
    return flow;
  }

  forget(flow: UdpFlow): void {
    this.#flows.delete(`${flow.remote.address} ${flow.remote.port}`);
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    const flow = this.flowTo({ address: plainAddress(from.address), port: from.port });
    const first = datagram[0] ?? 0;
    if (first < 0x40) this.#receiveOther(datagram, flow);
    else takeMessage(datagram, flow, this.context);
  }

  /** A datagram that does not begin with a letter. */
  #receiveOther(datagram: Buffer, flow: UdpFlow): void {
    if (isKeepAlive(datagram)) return;
    if (!isStun(datagram)) {
      takeMessage(datagram, flow, this.context);
      return;
    }
    const answer = this.#onStun(datagram, flow.remote);
    if (answer !== undefined) flow.sendOctets(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.socket, 'close');
    // What was sent is with the kernel unless it pushed back; one turn lets that go out too.
    setImmediate(() => this.socket.close());
    await closed;
  }
}

/** Finds addresses, which is all that flows send to, at once: Node's own look-up puts each datagram off to a later tick. */
const lookupAtOnce: NonNullable<SocketOptions['lookup']> = (host, options, tell) => {
  const family = isIP(host);
  if (family === 0) lookup(host, options, tell);
  else tell(null, host, family);
};

/**
 * Listens for SIP over UDP.
 *
 * @throws Error of the system when the place is taken or not ours
 * @spec RFC 3261 §18.2.1, RFC 3581 §4, RFC 5626 §8
 */
export async function listenUdp(at: ListenAt, options: UdpOptions): Promise<UdpListener> {
  const { recvBufferSize = fourMebibytes, sendBufferSize = fourMebibytes } = options;
  const socket = createSocket({
    type: isIPv6(at.host) ? 'udp6' : 'udp4',
    reusePort: at.reusePort ?? false,
    recvBufferSize,
    sendBufferSize,
    lookup: lookupAtOnce,
  });
  const bound = once(socket, 'listening');
  socket.bind({ address: at.host, port: at.port, exclusive: true });
  try {
    await bound;
  } catch (error) {
    socket.close();
    throw error;
  }
  return new UdpTransport(socket, options);
}
