import type { Endpoint } from '../../flow.ts';
import type { DatagramRoute, DatagramSocket, DatagramUser, SocketBuffers } from '../datagram-socket.ts';
import type { ListenAt } from '../listener.ts';
import { peerKey4 } from '../peer-key.ts';
import type { UdpFlow } from '../udp-flow.ts';
import { opening, systemError } from './native-error.ts';
import { endpointWords } from './native-sockets.ts';
import type { NativeHandle, NativeSockets } from './native-sockets.ts';

/** Datagrams of one system call, as datagrams.c has it. */
const batch = 64;
/** Numbers of an entry in shared memory: the endpoint, where its octets end, the error of sending. */
const entryWords = endpointWords + 2;
const octetsEnd = endpointWords;
const sendError = endpointWords + 1;
/** Octets that wait for the end of a turn: a full batch of large messages, or the largest datagrams by themselves. */
const slabOctets = 262_144;
/** Largest payload over IPv4; beyond it, the kernel says the same. */
const largestDatagram = 65_507;
/** What is let in changes by this factor: each change is half a millisecond of work for the kernel. */
const letInStep = 1.05;
const tooLarge = 90;
const noRoom = 105;

class NativeRoute implements DatagramRoute {
  readonly remote: Endpoint;
  readonly words = new Int32Array(endpointWords);
  readonly failed: (error: Error) => void;
  readonly #socket: NativeDatagrams;

  constructor(socket: NativeDatagrams, remote: Endpoint, failed: (error: Error) => void) {
    this.#socket = socket;
    this.remote = remote;
    this.failed = failed;
  }

  send(head: string, body: Uint8Array): void {
    this.#socket.queue(this, head, body);
  }
}

/** A UDP socket that takes many datagrams out of one system call, and puts those of a turn into one. */
class NativeDatagrams implements DatagramSocket {
  readonly local: Endpoint;
  readonly #native: NativeSockets;
  readonly #handle: NativeHandle;
  readonly #arrived = new Int32Array(batch * entryWords);
  /** One more number: how many could not be sent. */
  readonly #leaving = new Int32Array(batch * entryWords + 1);
  readonly #slab = Buffer.allocUnsafeSlow(slabOctets);
  readonly #routes: NativeRoute[] = [];
  /** Entries below are with the kernel. */
  #sent = 0;
  #octets = 0;
  /** Thousandths of the requests that can wait which the kernel lets in. */
  #letIn = 1000;
  #user: DatagramUser | undefined;
  #asked = false;
  #blocked = false;
  #closed = false;

  constructor(native: NativeSockets, at: ListenAt, buffers: SocketBuffers) {
    this.#native = native;
    this.#handle = opening(`${at.host}:${at.port}`, () =>
      native.openDatagrams(
        at.host,
        at.port,
        at.reusePort ?? false,
        buffers.recvBufferSize,
        buffers.sendBufferSize,
        this.#arrived,
        this.#leaving,
        this.#slab,
        this.#hear,
      ),
    );
    const [address, port] = native.datagramsLocal(this.#handle);
    this.local = { address, port };
  }

  hear(user: DatagramUser): void {
    this.#user = user;
  }

  routeTo(remote: Endpoint, failed: (error: Error) => void): DatagramRoute {
    const route = new NativeRoute(this, remote, failed);
    this.#native.endpointWords(remote.address, remote.port, route.words);
    return route;
  }

  fill(): number {
    return this.#closed ? 0 : this.#native.datagramsFill(this.#handle) / 1000;
  }

  letIn(part: number): boolean {
    const thousandths = Math.round(1000 * letInStep ** Math.round(Math.log(part) / Math.log(letInStep)));
    if (this.#closed || thousandths === this.#letIn) return !this.#closed;
    const isDone = this.#native.thinDatagrams(this.#handle, thousandths);
    if (isDone) this.#letIn = thousandths;
    return isDone;
  }

  /** Puts a datagram to those of this turn. */
  queue(route: NativeRoute, head: string, body: Uint8Array): void {
    const length = head.length + body.length;
    if (length > largestDatagram) this.#fail(route, tooLarge);
    else if (!this.#closed && this.#makeRoom(length)) this.#write(route, head, body);
    else this.#fail(route, noRoom);
  }

  async close(): Promise<void> {
    await new Promise(setImmediate);
    this.#flush();
    this.#closed = true;
    this.#native.closeSocket(this.#handle);
  }

  readonly #hear = (count: number, octets: Buffer, origin: number): void => {
    if (count === 0) this.#resume();
    const isAsked = this.#asked;
    // What is sent meanwhile leaves at the end of the batch: no other turn of the event loop is asked for.
    this.#asked = true;
    let start = origin;
    for (let i = 0; i < count && !this.#closed; i++) {
      const end = origin + (this.#arrived[i * entryWords + octetsEnd] ?? 0);
      this.#take(octets.subarray(start, end), i);
      start = end;
    }
    this.#endTurn();
    this.#asked = isAsked;
  };

  /** What a datagram throws costs only that datagram. */
  #take(datagram: Buffer, entry: number): void {
    const user = this.#user;
    if (user === undefined) return;
    try {
      user.take(datagram, this.#flowOf(entry, user));
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #flowOf(entry: number, user: DatagramUser): UdpFlow {
    const at = entry * entryWords;
    const port = this.#arrived[at + 1] ?? 0;
    const known = this.#arrived[at] === 4 ? user.known(peerKey4(this.#arrived[at + 2] ?? 0, port)) : undefined;
    return known ?? user.flowTo({ address: this.#native.datagramSource(this.#handle, entry), port });
  }

  /** Whether there is room, which a socket that takes nothing more just now may leave none. */
  #makeRoom(length: number): boolean {
    if (this.#routes.length < batch && this.#octets + length <= slabOctets) return true;
    if (!this.#blocked) this.#flush();
    return this.#routes.length < batch && this.#octets + length <= slabOctets;
  }

  #write(route: NativeRoute, head: string, body: Uint8Array): void {
    const slab = this.#slab;
    slab.write(head, this.#octets, 'latin1');
    if (body.length > 0) slab.set(body, this.#octets + head.length);
    this.#octets += head.length + body.length;
    const at = this.#routes.length * entryWords;
    this.#leaving.set(route.words, at);
    this.#leaving[at + octetsEnd] = this.#octets;
    this.#routes.push(route);
    if (this.#asked || this.#blocked) return;
    this.#asked = true;
    setImmediate(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#asked = false;
    if (!this.#blocked) this.#flush();
  };

  #resume(): void {
    this.#blocked = false;
    this.#flush();
  }

  #flush(): void {
    const count = this.#routes.length;
    if (count === 0 || this.#closed) return;
    const first = this.#sent;
    this.#sent = this.#native.sendDatagrams(this.#handle, first, count);
    if (this.#leaving[batch * entryWords] !== 0) this.#reportFailures(first, this.#sent);
    this.#blocked = this.#sent < count;
    if (this.#blocked) return;
    this.#routes.length = 0;
    this.#sent = 0;
    this.#octets = 0;
  }

  #reportFailures(first: number, end: number): void {
    for (let i = first; i < end; i++) {
      const error = this.#leaving[i * entryWords + sendError] ?? 0;
      const route = this.#routes[i];
      if (error !== 0 && route !== undefined) this.#fail(route, error);
    }
  }

  /** Tells of a datagram that could not leave, never while it is being sent. */
  #fail({ remote, failed }: NativeRoute, errno: number): void {
    setImmediate(failed, systemError('send', errno, `${remote.address}:${remote.port}`));
  }
}

/**
 * Opens a socket of the add-on.
 *
 * @throws Error of the system when the place is taken or not ours
 */
export function openNativeDatagrams(native: NativeSockets, at: ListenAt, buffers: SocketBuffers): DatagramSocket {
  return new NativeDatagrams(native, at, buffers);
}
