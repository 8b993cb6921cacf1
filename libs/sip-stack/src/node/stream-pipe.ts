import type { Socket } from 'node:net';
import { transportFailure } from '@parley/prelude';
import { createSipFramer } from '@parley/sip';
import type { FramerEvent, SipFramer } from '@parley/sip';
import type { ConnectionFlow } from './connection-flow.ts';
import { cutOff, takeEvent } from './inbound.ts';
import type { OctetReceiver } from './native/octet-receiver.ts';
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
  const reader = readerOf(socket, flow, context);
  socket.on('data', (octets: Buffer) => {
    reader.take(octets);
  });
  return new StreamPipe(socket);
}

/** Cuts what comes over a connection into messages, and hands them up. */
class StreamReader implements OctetReceiver {
  readonly #flow: ConnectionFlow;
  readonly #context: TransportContext;
  readonly #framer: SipFramer;
  /** Whether the octets at hand ended something. */
  #completed = false;

  constructor(flow: ConnectionFlow, context: TransportContext) {
    this.#flow = flow;
    this.#context = context;
    this.#framer = createSipFramer(context.parsing);
  }

  take(octets: Buffer): void {
    const flow = this.#flow;
    if (flow.permit.octets(octets.length) === 'cut') {
      cutOff(flow, this.#context);
      return;
    }
    // A flow that was cut off takes nothing more, also of what came already.
    if (!flow.open) return;
    this.#completed = false;
    try {
      this.#framer.feed(octets, this.#hear);
    } finally {
      flow.heard(this.#completed, this.#framer.incomplete);
    }
  }

  readonly #hear = (event: FramerEvent): boolean => {
    this.#completed = true;
    takeEvent(event, this.#flow, this.#context);
    return this.#flow.open;
  };
}

/**
 * Gives a flow what becomes of its connection; what comes over it is for who is returned. A peer that closes its half still
 * gets what is owed to it for `halfOpen` milliseconds.
 */
export function readerOf(socket: StreamSocket, flow: ConnectionFlow, context: TransportContext): OctetReceiver {
  let cause: Error | undefined;
  socket.on('end', () => setTimeout(() => socket.end(), context.limits.halfOpen).unref());
  socket.on('error', (error) => (cause = error));
  socket.on('close', () => {
    flow.gone(cause && transportFailure(cause.message, true, cause));
  });
  return new StreamReader(flow, context);
}
