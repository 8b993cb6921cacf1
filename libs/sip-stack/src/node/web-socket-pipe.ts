import type { Socket } from 'node:net';
import { transportFailure } from '@parley/prelude';
import type { RawData, WebSocket } from 'ws';
import type { ConnectionFlow } from './connection-flow.ts';
import { cutOff, isKeepAlive, takeMessage, verdictOn } from './inbound.ts';
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

/**
 * Hands what comes over a WebSocket to its flow.
 *
 * @param socket - what is below, where the peer is to be watched for messages that never end
 * @spec RFC 7118 §5, §6
 */
export function hearWebSocket(
  webSocket: WebSocket,
  flow: ConnectionFlow,
  context: TransportContext,
  socket?: Socket,
): void {
  let cause: Error | undefined;
  let completed = false;
  const complete = (): void => {
    completed = true;
    flow.heard(true, false);
  };
  webSocket.on('message', (data) => {
    complete();
    takeData(octetsOf(data), flow, context);
  });
  for (const control of ['ping', 'pong'] as const) {
    webSocket.on(control, () => {
      complete();
      if (flow.permit.message() === 'cut') cutOff(flow, context);
    });
  }
  // After the listener of `ws`: octets that ended no frame belong to one that is not complete.
  socket?.on('data', () => {
    if (!completed) flow.heard(false, true);
    completed = false;
  });
  webSocket.on('error', (error) => (cause = error));
  webSocket.on('close', () => {
    flow.gone(cause && transportFailure(cause.message, true, cause));
  });
}

function takeData(bytes: Buffer, flow: ConnectionFlow, context: TransportContext): void {
  if (!flow.open) return;
  const verdict = verdictOn(bytes, flow);
  if (verdict === 'cut') cutOff(flow, context);
  else if (!isKeepAlive(bytes)) takeMessage(bytes, flow, context, verdict);
  else if (bytes.length === answerable) flow.pong();
}
