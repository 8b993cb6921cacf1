import type { OctetParts } from '../../src/connection/octet-parts.ts';
import type { Wire } from '../../src/connection/wire.ts';

/** A connection without a socket, whose peer takes what it is sent only when it is told to. */
export class SimulatedWire implements Wire {
  readonly kind = 'tcp';
  readonly address = '127.0.0.1';
  readonly name: string;
  waiting = 0;
  isOpen = true;
  isPaused = false;
  private readonly receive: (octets: Buffer) => void;
  private hear: (bytes: Uint8Array) => void = () => {};
  private taken: () => void = () => {};
  private closed: () => void = () => {};

  constructor(name: string, receive: (octets: Buffer) => void) {
    this.name = name;
    this.receive = receive;
  }

  /** What the peer sends. */
  send(octets: Buffer): void {
    if (this.isOpen) this.hear(octets);
  }

  /** The peer takes all that waits. */
  take(): void {
    if (this.waiting === 0) return;
    this.waiting = 0;
    this.taken();
  }

  write(parts: OctetParts): void {
    const octets = Buffer.alloc(parts.octets);
    parts.takeInto(octets, 0);
    this.waiting += octets.length;
    this.receive(octets);
  }

  onTaken(listener: () => void): void {
    this.taken = listener;
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.hear = listener;
  }

  onClose(listener: () => void): void {
    this.closed = listener;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    queueMicrotask(this.closed);
  }
}
