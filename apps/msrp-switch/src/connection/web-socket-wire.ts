import type { Socket } from 'node:net';
import { connectionName } from './stalled-connections.ts';
import { WebSocketFrames } from './web-socket-frames.ts';
import type { Wire } from './wire.ts';
import { ignoreError, socketSink } from './wire.ts';

/** FIN and the opcode of a binary frame, of a close frame, of a ping and of its answer. @spec RFC 6455 §5.2 */
const wholeBinary = 0x82;
const wholeClose = 0x88;
const wholePing = 0x89;
const wholePong = 0x8a;

/**
 * The head of an unmasked frame that is a whole binary message.
 *
 * @spec RFC 6455 §5.2; RFC 7977 §5.1 (each MSRP chunk in a WebSocket message of its own)
 */
export function frameHead(octets: number, first = wholeBinary): Uint8Array {
  if (octets < 126) return Uint8Array.of(first, octets);
  if (octets < 65_536) return Uint8Array.of(first, 126, octets >> 8, octets & 0xff);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(octets), 2);
  return head;
}

/** {@link frameHead} that makes no second one for as many octets: messages of a burst are mostly of one size. */
function frameHeads(): (octets: number) => Uint8Array {
  let size = -1;
  let head = frameHead(0);
  return (octets) => {
    if (octets !== size) [size, head] = [octets, frameHead(octets)];
    return head;
  };
}

/** A ping without payload, one character per octet. @spec RFC 7977 §6 */
export const ping = String.fromCharCode(wholePing, 0);

const pongOf = (payload: Uint8Array): string =>
  Buffer.concat([frameHead(payload.length, wholePong), payload]).toString('latin1');

const closing = (code: number): Uint8Array => Uint8Array.of(wholeClose, 2, code >> 8, code & 0xff);

/** Milliseconds that a peer which closes has for the end of its connection. */
const patience = 5000;

const normalClosure = 1000;

/**
 * A wire that is a WebSocket on a socket whose handshake is done.
 *
 * @param head - octets that came with the handshake
 */
export function webSocketWire(socket: Socket, head: Uint8Array, isSecure: boolean): Wire {
  let isClosing = false;
  const close = (code: number, within: number): void => {
    if (!isClosing) socket.write(closing(code));
    isClosing = true;
    socket.setTimeout(within, () => socket.destroy());
  };
  let pinged = (_pong: string): void => {};
  const frames = new WebSocketFrames({
    onPing: (payload) => {
      pinged(pongOf(payload));
    },
    onClose: (code) => {
      close(code, patience);
      socket.end();
    },
  });
  return {
    ...socketSink(socket, isSecure),
    kind: 'ws',
    address: socket.remoteAddress ?? '',
    name: connectionName(socket),
    get writableLength() {
      return socket.writableLength;
    },
    frame: frameHeads(),
    ping,
    onBytes: (listener) => {
      const take = (bytes: Uint8Array): void => {
        const octets = frames.read(bytes);
        if (octets.length > 0) listener(octets);
      };
      if (head.length > 0) take(Uint8Array.from(head));
      socket.on('data', take);
    },
    onPing: (listener) => {
      pinged = listener;
    },
    onClose: (listener) => void socket.once('close', listener).on('error', ignoreError),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: (within) => {
      close(normalClosure, within);
    },
    destroy: () => void socket.destroy(),
  };
}
