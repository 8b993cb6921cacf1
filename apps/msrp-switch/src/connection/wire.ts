import type { ConnectionName } from './stalled-connections.ts';
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
  /** What it hands over may be kept for long: it keeps nothing alive but itself. */
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

/** Ends it at once when `patience` milliseconds are over; what has ended by then is not touched. */
export function destroyLater(wire: Pick<Wire, 'destroy'>, patience: number): void {
  setTimeout(() => {
    wire.destroy();
  }, patience).unref();
}
