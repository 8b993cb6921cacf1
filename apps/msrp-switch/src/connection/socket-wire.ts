import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { OctetParts } from './octet-parts.ts';
import { put } from './octet-parts.ts';
import { Scratch } from './scratch.ts';
import type { ConnectionName } from './stalled-connections.ts';
import { connectionName } from './stalled-connections.ts';
import type { Wire } from './wire.ts';
import { destroyLater } from './wire.ts';

/** Octets from which a part is handed to the kernel where it lies: copying costs more than a further vector entry. */
const ownVector = 16 * 1024;

/** Shared by all sockets of this process, since a write that finishes at once leaves nothing in it. */
const scratch = new Scratch();

/** A wire that is a socket of Node, plain or TLS. */
export class SocketWire implements Wire {
  readonly kind: 'tcp' | 'tls';
  readonly address: string;
  readonly name: ConnectionName;
  readonly certificate: Uint8Array | undefined;
  private readonly socket: Socket;
  private taken = (): void => {};

  constructor(socket: Socket, kind: 'tcp' | 'tls') {
    this.socket = socket;
    this.kind = kind;
    this.address = socket.remoteAddress ?? '';
    this.name = connectionName(socket);
    this.certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined;
  }

  get waiting(): number {
    return this.socket.writableLength;
  }

  write(parts: OctetParts): void {
    const { socket } = this;
    // What is encrypted is read after the call.
    const isKept = this.kind === 'tls';
    const vectors = vectorsOf(parts, isKept ? Buffer.allocUnsafe(parts.octets) : scratch.space(parts.octets));
    const last = vectors.length - 1;
    if (last > 0) socket.cork();
    vectors.forEach((vector, i) => (i === last ? socket.write(vector, this.taken) : socket.write(vector)));
    if (last > 0) socket.uncork();
    if (!isKept && socket.writableLength > 0) for (const vector of vectors) scratch.keep(vector);
  }

  onTaken(listener: () => void): void {
    this.taken = listener;
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.socket.on('data', listener);
  }

  onClose(listener: () => void): void {
    this.socket.once('close', listener).on('error', () => {}); // 'close' follows every error
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(patience: number): void {
    destroyLater(this, patience);
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Neighbouring small parts become one buffer in `space`, long ones stay where they are. */
function vectorsOf({ parts }: OctetParts, space: Buffer): Buffer[] {
  const vectors: Buffer[] = [];
  let start = 0;
  let at = 0;
  for (const part of parts) {
    if (typeof part === 'string' || part.length < ownVector) at = put(part, space, at);
    else {
      if (at > start) vectors.push(space.subarray(start, at));
      vectors.push(Buffer.from(part.buffer, part.byteOffset, part.length));
      start = at;
    }
  }
  if (at > start) vectors.push(space.subarray(start, at));
  return vectors;
}
