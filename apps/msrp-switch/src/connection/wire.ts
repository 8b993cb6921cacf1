import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ConnectionName } from './stalled-connections.ts';
import { connectionName } from './stalled-connections.ts';
import type { Sink } from './output-queue.ts';

/** Ways in which MSRP comes to the switch. @spec RFC 4975 §6 (tcp; msrps: over TLS), RFC 7977 §5.2 (ws) */
export type WireKind = 'tcp' | 'tls' | 'ws';

/** One transport connection, whatever it is made of. */
export interface Wire extends Sink {
  readonly kind: WireKind;
  /** Address of the peer. */
  readonly address: string;
  /** Names it among all of this machine. */
  readonly name: ConnectionName;
  /** Certificate that the peer showed, in DER. */
  readonly certificate?: Uint8Array | undefined;
  onBytes(listener: (bytes: Uint8Array) => void): void;
  /** Where the transport has pings: gives each listener the octets of the answer, one character each. */
  onPing?(listener: (pong: string) => void): void;
  /** Where the transport has pings of its own: the octets of one, one character each. */
  readonly ping?: string;
  /** Called once, when nothing can be read or written any more. */
  onClose(listener: () => void): void;
  pause(): void;
  resume(): void;
  /** Ends it once the peer has what was written; at the latest after `patience` milliseconds. */
  end(patience: number): void;
  destroy(): void;
}

/** A wire that is a socket, plain or TLS. */
export function socketWire(socket: Socket, kind: 'tcp' | 'tls'): Wire {
  return {
    ...socketSink(socket, kind === 'tls'),
    kind,
    address: socket.remoteAddress ?? '',
    name: connectionName(socket),
    certificate: socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined,
    get writableLength() {
      return socket.writableLength;
    },
    onBytes: (listener) => void socket.on('data', listener),
    onClose: (listener) => void socket.once('close', listener).on('error', ignoreError),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: (patience) => {
      socket.setTimeout(patience, () => socket.destroy());
      socket.end();
    },
    destroy: () => void socket.destroy(),
  };
}

/** How a queue writes to a socket. */
export function socketSink(socket: Socket, keepsOctets: boolean): Pick<Sink, 'keepsOctets' | 'write' | 'writeAll'> {
  return {
    keepsOctets,
    write: (bytes, written) => void socket.write(bytes, written),
    writeAll: (parts, written) => {
      socket.cork();
      const last = parts.length - 1;
      parts.forEach((part, i) => (i === last ? socket.write(part, written) : socket.write(part)));
      socket.uncork();
    },
  };
}

/** 'close' follows every error. */
export function ignoreError(): void {}
