import type { Socket } from 'node:net';
import { transportFailure } from '@parley/prelude';
import type { RawData, WebSocket } from 'ws';
import type { ConnectionFlow } from './connection-flow.ts';
import { isKeepAlive, takeMessage } from './inbound.ts';
import { isText } from './output-queue.ts';
import type { OutputQueue } from './output-queue.ts';
import type { Pipe } from './pipe.ts';
import type { TransportContext } from './transport-context.ts';

/** Status of a WebSocket that has done its work. @spec RFC 6455 §7.4.1 */
const normalClosure = 1000;

/**
 * Writes frames of the server side, which are not masked, straight to the socket below: all of one turn in one write.
 *
 * @note `ws` writes its own frames (pong, close) whole, so that the two never mix; this needs compression switched off.
 */
export class ServerWebSocketPipe implements Pipe {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;

  constructor(webSocket: WebSocket, socket: Socket) {
    this.#webSocket = webSocket;
    this.#socket = socket;
  }

  get waiting(): number {
    return this.#socket.writableLength;
  }

  write(queue: OutputQueue): void {
    this.#socket.write(queue.takeFrames());
  }

  end(): void {
    this.#webSocket.close(normalClosure);
  }

  cut(): void {
    this.#webSocket.terminate();
  }
}

/** Writes through `ws`, which masks what a client sends. @spec RFC 6455 §5.3 */
export class ClientWebSocketPipe implements Pipe {
  readonly #webSocket: WebSocket;
  #socket: Socket | undefined;

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket;
    webSocket.once('upgrade', ({ socket }) => (this.#socket = socket));
  }

  /** The socket below; undefined before the handshake. */
  get socket(): Socket | undefined {
    return this.#socket;
  }

  get waiting(): number {
    return this.#webSocket.bufferedAmount;
  }

  write(queue: OutputQueue): void {
    this.#socket?.cork();
    for (const message of queue.takeMessages()) this.#webSocket.send(message, { binary: !isText(message) });
    this.#socket?.uncork();
  }

  end(): void {
    this.#webSocket.close(normalClosure);
  }

  cut(): void {
    this.#webSocket.terminate();
  }
}

function octetsOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

const answerable = 4;

/** Hands what comes over a WebSocket to its flow. @spec RFC 7118 §5, §6 */
export function hearWebSocket(webSocket: WebSocket, flow: ConnectionFlow, context: TransportContext): void {
  let cause: Error | undefined;
  webSocket.on('message', (data) => {
    flow.active = true;
    const bytes = octetsOf(data);
    if (!isKeepAlive(bytes)) takeMessage(bytes, flow, context);
    else if (bytes.length === answerable) flow.pong();
  });
  webSocket.on('ping', () => (flow.active = true));
  webSocket.on('pong', () => (flow.active = true));
  webSocket.on('error', (error) => (cause = error));
  webSocket.on('close', () => {
    flow.gone(cause && transportFailure(cause.message, true, cause));
  });
}
