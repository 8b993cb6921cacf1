import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { Wire } from './wire.ts';
import { socketSink } from './wire.ts';

/** FIN and the opcode of a binary frame. @spec RFC 6455 §5.2 */
const wholeBinary = 0x82;
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

/**
 * A wire that is a WebSocket. What comes in is read by the library; what goes out is framed here and written to the
 * socket under it, so that many messages are one write. The library must not answer pings itself: its pong could come
 * between the parts of a message.
 */
export function webSocketWire(webSocket: WebSocket, socket: Socket, isSecure: boolean): Wire {
  return {
    ...socketSink(socket, isSecure),
    kind: 'ws',
    address: socket.remoteAddress ?? '',
    get writableLength() {
      return socket.writableLength;
    },
    frame: frameHead,
    onBytes: (listener) => {
      webSocket.on('message', (data: RawData) => {
        listener(octetsOf(data));
      });
    },
    onPing: (listener) => {
      webSocket.on('ping', (data: Buffer) => {
        listener(Buffer.concat([frameHead(data.length, wholePong), data]).toString('latin1'));
      });
    },
    onClose: (listener) => void webSocket.once('close', listener).on('error', ignore),
    pause: () => {
      webSocket.pause();
    },
    resume: () => {
      webSocket.resume();
    },
    end: (patience) => {
      socket.setTimeout(patience, () => socket.destroy());
      webSocket.close();
    },
    destroy: () => {
      webSocket.terminate();
    },
  };
}

function octetsOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : new Uint8Array(data);
}

/** 'close' follows every error. */
function ignore(): void {}
