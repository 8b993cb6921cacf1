import type { FlowObserver } from '../flow.ts';
import { createPeerGuard } from './guard/peer-guard.ts';
import type { PeerGuard } from './guard/peer-guard.ts';
import { nativeCodec } from './native-codec.ts';
import type { NativeSockets } from './native/native-sockets.ts';
import { defaultTransportLimits } from './transport-limits.ts';
import type { TransportLimits } from './transport-limits.ts';
import { TurnFlusher } from './turn-flusher.ts';
import type { ParseOptions } from '@parley/sip';

/** Why something was thrown away without the observer hearing of it. */
export type DropReason =
  | 'malformed-request'
  | 'malformed-response'
  | 'garbage'
  | 'framing-lost'
  | 'slow-reader'
  | 'too-many-connections'
  | 'rate'
  | 'slow-message'
  | 'idle'
  | 'handshake';

/** What every listener and every connector is told. */
export interface TransportOptions {
  readonly observer: FlowObserver;
  readonly limits?: Partial<TransportLimits>;
  /** What peers may send and hold, over all transports that are given it; by default whatever they like. */
  readonly guard?: PeerGuard | undefined;
  /** The add-on that UDP and TCP go through; without it they go through Node's own sockets. */
  readonly native?: NativeSockets | undefined;
  /** Counts what was dropped, by reason and by the address it came from. */
  readonly onDropped?: (reason: DropReason, address: string) => void;
}

/** The options with their defaults, and what the flows of one transport share. */
export interface TransportContext {
  readonly observer: FlowObserver;
  readonly limits: TransportLimits;
  readonly guard: PeerGuard;
  readonly parsing: ParseOptions;
  readonly flusher: TurnFlusher;
  dropped(reason: DropReason, address: string): void;
}

/** Fills the defaults in. */
export function transportContext(options: TransportOptions): TransportContext {
  const limits = { ...defaultTransportLimits, ...options.limits };
  return {
    observer: options.observer,
    limits,
    guard: options.guard ?? createPeerGuard({ isTrusted: () => true }),
    parsing: { limits: limits.sip, codec: nativeCodec },
    flusher: new TurnFlusher(),
    dropped: (reason, address) => options.onDropped?.(reason, address),
  };
}
