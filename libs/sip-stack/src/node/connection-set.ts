import { transportFailure } from '@parley/prelude';
import type { ConnectionFlow } from './connection-flow.ts';
import type { PeerPermit } from './guard/peer-permit.ts';
import { unlimited } from './guard/peer-permit.ts';
import { plainAddress } from './plain-address.ts';
import type { StreamSocket } from './stream-socket.ts';
import type { DropReason, TransportContext } from './transport-context.ts';
import type { TransportLimits } from './transport-limits.ts';

interface Held {
  readonly socket: StreamSocket;
  readonly permit: PeerPermit;
  /** Undefined during the handshakes. */
  flow: ConnectionFlow | undefined;
  /** Milliseconds of handshakes, as far as they were counted. */
  handshake: number;
}

/** Longest time between two looks at all connections, in milliseconds: by so much a limit may be late. */
const longestPeriod = 2_500;

function nameOf(socket: StreamSocket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0}`;
}

/** The connections of one listener: admits them, ends those that are slow or silent, and all of them at the end. */
export class ConnectionSet implements AsyncDisposable {
  readonly #context: TransportContext;
  /** By the far end, which a TLS socket shares with the TCP socket below it. */
  readonly #held = new Map<string, Held>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(context: TransportContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#held.size;
  }

  /** The permit of a new TCP connection; undefined, and it is closed, when its address or all have too many. */
  admit(socket: StreamSocket): PeerPermit | undefined {
    const address = plainAddress(socket.remoteAddress);
    const permit = this.#context.guard.accept(address);
    if (permit === undefined) {
      this.#context.dropped('too-many-connections', address);
      socket.destroy();
      return undefined;
    }
    this.#sweep ??= this.#startSweep();
    const name = nameOf(socket);
    this.#held.set(name, { socket, permit, flow: undefined, handshake: 0 });
    socket.once('close', () => {
      this.#held.delete(name);
      permit.end();
    });
    return permit;
  }

  /** The permit of an admitted connection, by the socket or by one over it. */
  permitOf(socket: StreamSocket): PeerPermit {
    return this.#held.get(nameOf(socket))?.permit ?? unlimited;
  }

  /** The connection got through its handshakes: from now on its silence counts, and no other timeout. */
  join(socket: StreamSocket, flow: ConnectionFlow): void {
    const held = this.#held.get(nameOf(socket));
    if (held !== undefined) held.flow = flow;
  }

  #startSweep(): NodeJS.Timeout {
    const { unauthenticatedIdle, idle, messageTime, stallTime, handshakeTimeout } = this.#context.limits;
    const shortest = Math.min(unauthenticatedIdle, idle, messageTime, stallTime, handshakeTimeout);
    const period = Math.min(longestPeriod, Math.max(5, shortest / 4));
    const sweep = setInterval(() => {
      this.#look(period);
    }, period);
    return sweep.unref();
  }

  #look(period: number): void {
    for (const held of this.#held.values()) {
      if (held.flow === undefined) this.#lookAtHandshake(held, period);
      else this.#lookAtFlow(held.flow, period);
    }
  }

  /** A limit for all of it: a peer that sends an octet now and then is not silent. */
  #lookAtHandshake(held: Held, period: number): void {
    held.handshake += period;
    if (held.handshake < this.#context.limits.handshakeTimeout) return;
    this.#context.dropped('handshake', plainAddress(held.socket.remoteAddress));
    held.socket.destroy();
  }

  #lookAtFlow(flow: ConnectionFlow, period: number): void {
    const reason = complaintOf(flow.lookAgain(period), this.#context.limits, flow.vouched);
    if (reason === undefined) return;
    this.#context.dropped(reason, flow.remote.address);
    flow.fail(transportFailure(`${reason}: the peer took too long`, true));
  }

  /** Closes every connection, with what is queued written first, and waits until they are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep);
    const closed = [...this.#held.values()].map(async ({ socket, flow }) => {
      // `once` of node:events would fail where the connection breaks meanwhile.
      const gone = new Promise<void>((resolve) => socket.once('close', resolve));
      if (flow === undefined) socket.destroy();
      else flow.close('shutting down');
      await gone;
    });
    await Promise.all(closed);
  }
}

function complaintOf(
  { silence, incomplete, stalled }: ConnectionFlow['ages'],
  { idle, unauthenticatedIdle, messageTime, stallTime }: TransportLimits,
  vouched: boolean,
): DropReason | undefined {
  if (incomplete >= messageTime) return 'slow-message';
  if (stalled >= stallTime) return 'slow-reader';
  return silence >= (vouched ? idle : unauthenticatedIdle) ? 'idle' : undefined;
}
