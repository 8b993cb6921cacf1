import { OctetParts } from './octet-parts.ts';
import type { ConnectionName } from './stalled-connections.ts';
import { WebSocketFrames } from './web-socket-frames.ts';
import type { Wire } from './wire.ts';
import { destroyLater } from './wire.ts';

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

const closing = (code: number): string => String.fromCharCode(wholeClose, 2, code >> 8, code & 0xff);

/** Milliseconds that a peer which closes has for the end of its connection. */
const patience = 5000;

const normalClosure = 1000;

/** A wire that is a WebSocket over another, of which the handshake is done. */
export class WebSocketWire implements Wire {
  readonly kind = 'ws';
  readonly address: string;
  readonly name: ConnectionName;
  readonly certificate: Uint8Array | undefined;
  readonly frame = frameHeads();
  readonly ping = ping;
  private readonly below: Wire;
  private readonly head: Uint8Array;
  private readonly frames: WebSocketFrames;
  private isClosing = false;
  private pinged = (_pong: string): void => {};

  /** @param head - octets that came with the handshake */
  constructor(below: Wire, head: Uint8Array) {
    this.below = below;
    this.head = head;
    ({ address: this.address, name: this.name, certificate: this.certificate } = below);
    this.frames = new WebSocketFrames({
      onPing: (payload) => {
        this.pinged(pongOf(payload));
      },
      onClose: (code) => {
        this.say(code);
        below.end(patience);
      },
    });
  }

  get waiting(): number {
    return this.below.waiting;
  }

  write(parts: OctetParts): void {
    this.below.write(parts);
  }

  onTaken(listener: () => void): void {
    this.below.onTaken(listener);
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    const take = (bytes: Uint8Array): void => {
      const octets = this.frames.read(bytes);
      if (octets.length > 0) listener(octets);
    };
    if (this.head.length > 0) take(Uint8Array.from(this.head));
    this.below.onBytes(take);
  }

  onPing(listener: (pong: string) => void): void {
    this.pinged = listener;
  }

  onClose(listener: () => void): void {
    this.below.onClose(listener);
  }

  pause(): void {
    this.below.pause();
  }

  resume(): void {
    this.below.resume();
  }

  /** The peer answers with a close frame, behind which its half ends. @spec RFC 6455 §7.1.1 */
  end(within: number): void {
    this.say(normalClosure);
    destroyLater(this.below, within);
  }

  destroy(): void {
    this.below.destroy();
  }

  /** Closes with a frame of its own, once. @spec RFC 6455 §5.5.1 */
  private say(code: number): void {
    if (!this.isClosing) this.below.write(new OctetParts([closing(code)], closing(code).length));
    this.isClosing = true;
  }
}
