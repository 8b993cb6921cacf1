import { createSocket } from 'node:dgram';
import type { Socket, SocketOptions } from 'node:dgram';
import { lookup } from 'node:dns';
import { once } from 'node:events';
import { isIP, isIPv6 } from 'node:net';
import type { Endpoint } from '../flow.ts';
import type { DatagramRoute, DatagramSocket, DatagramUser, SocketBuffers } from './datagram-socket.ts';
import type { ListenAt } from './listener.ts';
import { addressFor, plainAddress } from './plain-address.ts';

class DgramRoute implements DatagramRoute {
  readonly #socket: Socket;
  readonly #address: string;
  readonly #port: number;
  /** One for all sends: `dgram` tells of an error to nobody else. */
  readonly #sent: (error: Error | null) => void;

  constructor(socket: Socket, address: string, port: number, failed: (error: Error) => void) {
    this.#socket = socket;
    this.#address = address;
    this.#port = port;
    this.#sent = (error) => {
      if (error !== null) failed(error);
    };
  }

  send(head: string, body: Uint8Array): void {
    const datagram = Buffer.allocUnsafe(head.length + body.length);
    datagram.write(head, 0, 'latin1');
    if (body.length > 0) datagram.set(body, head.length);
    try {
      this.#socket.send(datagram, this.#port, this.#address, this.#sent);
    } catch (error) {
      // The socket is closed: told like all that goes wrong, not while sending.
      setImmediate(this.#sent, error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** A socket of `node:dgram`. */
class DgramSocket implements DatagramSocket {
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #family: 4 | 6;

  constructor(socket: Socket) {
    const { address, port, family } = socket.address();
    this.local = { address: plainAddress(address), port };
    this.#socket = socket;
    this.#family = family === 'IPv6' ? 6 : 4;
  }

  hear(user: DatagramUser): void {
    this.#socket.on('message', (datagram, from) => {
      user.take(datagram, user.flowTo({ address: plainAddress(from.address), port: from.port }));
    });
  }

  routeTo(remote: Endpoint, failed: (error: Error) => void): DatagramRoute {
    return new DgramRoute(this.#socket, addressFor(this.#family, remote.address), remote.port, failed);
  }

  /** Node does not tell. */
  fill(): undefined {}

  /** Node cannot: what there is no room for is lost, whatever it is. */
  letIn(): boolean {
    return false;
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    // What was sent is with the kernel unless it pushed back; one turn lets that go out too.
    setImmediate(() => this.#socket.close());
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
 * Opens a socket of `node:dgram`.
 *
 * @throws Error of the system when the place is taken or not ours
 */
export async function openDgram(at: ListenAt, buffers: SocketBuffers): Promise<DatagramSocket> {
  const socket = createSocket({
    type: isIPv6(at.host) ? 'udp6' : 'udp4',
    reusePort: at.reusePort ?? false,
    ...buffers,
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
  socket.on('error', () => {});
  return new DgramSocket(socket);
}
