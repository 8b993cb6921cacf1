import type { Socket } from 'node:net';
import { transportFailure } from '@parley/prelude';
import { createSipFramer } from '@parley/sip';
import type { ConnectionFlow } from './connection-flow.ts';
import { cutOff, takeEvent } from './inbound.ts';
import type { OutputQueue } from './output-queue.ts';
import type { Pipe } from './pipe.ts';
import type { StreamSocket } from './stream-socket.ts';
import type { TransportContext } from './transport-context.ts';

class StreamPipe implements Pipe {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get waiting(): number {
    return this.#socket.writableLength;
  }

  write(queue: OutputQueue): void {
    this.#socket.write(queue.takeJoined());
  }

  end(): void {
    this.#socket.end();
  }

  cut(): void {
    this.#socket.destroy();
  }
}

/** Joins a TCP or TLS socket to its flow, both ways. */
export function joinStream(socket: Socket, flow: ConnectionFlow, context: TransportContext): Pipe {
  socket.setNoDelay(true);
  hearStream(socket, flow, context);
  return new StreamPipe(socket);
}

/**
 * Gives a flow what comes over its connection. A peer that closes its half still gets what is owed to it for `halfOpen`
 * milliseconds.
 */
export function hearStream(socket: StreamSocket, flow: ConnectionFlow, context: TransportContext): void {
  const framer = createSipFramer(context.parsing);
  let cause: Error | undefined;
  socket.on('data', (bytes: Buffer) => {
    if (flow.permit.octets(bytes.length) === 'cut') {
      cutOff(flow, context);
      return;
    }
    const events = framer.push(bytes);
    flow.heard(events.length > 0, framer.incomplete);
    // A flow that was cut off takes nothing more, also of what is cut into messages already.
    for (let i = 0; i < events.length && flow.open; i++) {
      const event = events[i];
      if (event !== undefined) takeEvent(event, flow, context);
    }
  });
  socket.on('end', () => setTimeout(() => socket.end(), context.limits.halfOpen).unref());
  socket.on('error', (error) => (cause = error));
  socket.on('close', () => {
    flow.gone(cause && transportFailure(cause.message, true, cause));
  });
}
