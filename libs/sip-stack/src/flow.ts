import type { SipMessage } from '@parley/sip';
import type { TransportFailure } from '@parley/prelude';

/** Transport of a hop, as the sent-protocol of a Via spells it. @spec RFC 3261 §20.42, RFC 7118 §5.2 */
export type TransportProtocol = 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';

/** An address and port of the network layer, never a name. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * A way to one peer: a connection, or a pair of addresses over UDP.
 *
 * @spec RFC 5626 §2 (definition of Flow)
 */
export interface Flow {
  /** Names the flow in this process and in its flow tokens; unguessable. */
  readonly id: string;
  readonly protocol: TransportProtocol;
  /** Whether the transport repeats lost octets by itself, so that no timer has to. */
  readonly reliable: boolean;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** DNS names that the peer proved by its TLS certificate; empty without one. */
  readonly peerNames: readonly string[];
  readonly open: boolean;
  /** Queues the message; messages of one turn of the event loop leave in one write. A flow that fails tells {@link FlowObserver.onClosed}. */
  send(message: SipMessage): void;
  /** Ends the connection after what is queued; over UDP it only forgets the peer. */
  close(reason: string): void;
}

/** Who hears what comes over the flows of a transport. */
export interface FlowObserver {
  onMessage(message: SipMessage, flow: Flow): void;
  onClosed(flow: Flow, failure: TransportFailure | undefined): void;
}
