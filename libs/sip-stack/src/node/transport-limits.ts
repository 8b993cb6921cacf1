import type { SipLimits } from '@parley/sip';
import { defaultSipLimits } from '@parley/sip';

/** What one peer may cost a transport. Beyond each limit stands what happens. */
export interface TransportLimits {
  /** Size of messages. Beyond: the status of the parse error, 413 for a body. */
  readonly sip: SipLimits;
  /** Octets of the largest body worth sending here, which the Max-Size of a 413 tells; at most what `sip` allows. */
  readonly maxSize: number;
  /** Octets that wait for one peer to read them. Beyond: the connection is cut, so that a slow reader costs no memory. */
  readonly queueOctets: number;
  /** The same on a connection that nobody has vouched for. */
  readonly unauthenticatedQueueOctets: number;
  /** Milliseconds for which a peer may read nothing of what waits for it. Beyond: the connection is cut. */
  readonly stallTime: number;
  /** Milliseconds from the first octet of a message to its last. Beyond: the connection is cut. */
  readonly messageTime: number;
  /** Milliseconds of silence on a connection that nobody has vouched for. Beyond: it is closed. */
  readonly unauthenticatedIdle: number;
  /** Milliseconds of silence on a connection that somebody has vouched for. Beyond: it is closed. */
  readonly idle: number;
  /** Milliseconds for a connection of ours to be established, TLS and WebSocket handshake included. */
  readonly connectTimeout: number;
  /** Milliseconds for a peer to get through the TLS and WebSocket handshake. */
  readonly handshakeTimeout: number;
  /** Milliseconds that a connection may still take to write out and close. Beyond: it is cut. */
  readonly closeLinger: number;
  /** Milliseconds for which a peer that closed its half is still owed answers. Beyond: the connection is closed. */
  readonly halfOpen: number;
  /** Remote addresses remembered by one UDP listener. Beyond: those silent longest are forgotten, and known anew later. */
  readonly udpFlows: number;
}

/**
 * A queue of some hundred large messages; a message of usual size over the poorest radio link, and twice its longest
 * handshake; an idle time far above the keep-alives of RFC 5626 §4.4.1 (120 s). What peers may send is in `GuardLimits`.
 */
export const defaultTransportLimits: TransportLimits = {
  sip: defaultSipLimits,
  maxSize: defaultSipLimits.bodyOctets,
  queueOctets: 4_194_304,
  unauthenticatedQueueOctets: 262_144,
  stallTime: 30_000,
  messageTime: 10_000,
  unauthenticatedIdle: 60_000,
  idle: 3_600_000,
  connectTimeout: 5_000,
  handshakeTimeout: 10_000,
  closeLinger: 2_000,
  halfOpen: 500,
  udpFlows: 65_536,
};
