import { once } from 'node:events';
import type { Socket } from 'node:net';
import { transportFailure } from '@parley/prelude';
import type { ConnectionFlow } from './connection-flow.ts';
import { plainAddress } from './plain-address.ts';
import type { TransportContext } from './transport-context.ts';

interface Held {
  readonly socket: Socket;
  /** Undefined during the handshakes. */
  flow: ConnectionFlow | undefined;
}

function nameOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0}`;
}

/** The connections of one listener: admits them, closes the silent ones, and all of them at the end. */
export class ConnectionSet implements AsyncDisposable {
  readonly #context: TransportContext;
  /** By the far end, which a TLS socket shares with the TCP socket below it. */
  readonly #held = new Map<string, Held>();
  readonly #perAddress = new Map<string, number>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(context: TransportContext) {
    this.#context = context;
  }

  get size(): number {
    return this.#held.size;
  }

  /** Counts a new TCP connection, or closes it when its address or the listener has too many. */
  admit(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress);
    const { connections, connectionsPerAddress } = this.#context.limits;
    const known = this.#perAddress.get(address) ?? 0;
    if (this.#held.size >= connections || known >= connectionsPerAddress) {
      this.#context.dropped('too-many-connections', address);
      socket.destroy();
      return false;
    }
    this.#sweep ??= this.#startSweep();
    const name = nameOf(socket);
    this.#perAddress.set(address, known + 1);
    this.#held.set(name, { socket, flow: undefined });
    socket.once('close', () => {
      this.#forget(name, address);
    });
    return true;
  }

  /** The connection got through its handshakes: from now on its silence counts, and no other timeout. */
  join(socket: Socket, flow: ConnectionFlow): void {
    const held = this.#held.get(nameOf(socket));
    if (held === undefined) return;
    held.flow = flow;
    held.socket.setTimeout(0);
  }

  #startSweep(): NodeJS.Timeout {
    const { unauthenticatedIdle, idle } = this.#context.limits;
    const period = Math.min(5_000, Math.max(5, Math.min(unauthenticatedIdle, idle) / 4));
    const sweep = setInterval(() => {
      this.#closeSilent(period);
    }, period);
    return sweep.unref();
  }

  #forget(name: string, address: string): void {
    this.#held.delete(name);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }

  #closeSilent(period: number): void {
    for (const { flow } of this.#held.values()) {
      if (flow === undefined) continue;
      flow.silence = flow.active ? 0 : flow.silence + period;
      flow.active = false;
      if (flow.silence >= this.#patience(flow)) this.#closeForSilence(flow);
    }
  }

  #patience(flow: ConnectionFlow): number {
    const { unauthenticatedIdle, idle } = this.#context.limits;
    return flow.vouched ? idle : unauthenticatedIdle;
  }

  #closeForSilence(flow: ConnectionFlow): void {
    this.#context.dropped('idle', flow.remote.address);
    flow.fail(transportFailure(`nothing came for ${flow.silence} ms`, true));
  }

  /** Closes every connection, with what is queued written first, and waits until they are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep);
    const closed = [...this.#held.values()].map(async ({ socket, flow }) => {
      const gone = once(socket, 'close');
      if (flow === undefined) socket.destroy();
      else flow.close('shutting down');
      await gone;
    });
    await Promise.all(closed);
  }
}
