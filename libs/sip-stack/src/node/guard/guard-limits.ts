/** What one peer may send and hold. Beyond each limit stands what happens; 0 is no limit, for rates. */
export interface GuardLimits {
  /** Messages a second over one connection. Beyond: 503 with Retry-After, then the connection is closed. */
  readonly connectionMessages: number;
  /** Messages a second from one address, over all transports. Beyond: 503 with Retry-After, then they are dropped, or the connection is closed. */
  readonly addressMessages: number;
  /** Octets a second over one connection. Beyond: as for messages. */
  readonly connectionOctets: number;
  /** Octets a second from one address. Beyond: as for messages. */
  readonly addressOctets: number;
  /** Connections of all listeners. Beyond: a new one is closed at once. */
  readonly connections: number;
  /** Connections from one address. Beyond: a new one is closed at once. */
  readonly addressConnections: number;
  /** Connections from one address that nobody has vouched for. Beyond: a new one is closed at once. */
  readonly unauthenticatedConnections: number;
  /** Addresses remembered. Beyond: those silent longest are forgotten, and begin anew. */
  readonly addresses: number;
}

/**
 * A phone sends a few messages a second and reads mail of hundreds; an address may be the NAT of a company or a carrier,
 * whose phones all connect in the same moment after a restart.
 */
export const defaultGuardLimits: GuardLimits = {
  connectionMessages: 200,
  addressMessages: 2_000,
  connectionOctets: 2_097_152,
  addressOctets: 16_777_216,
  connections: 100_000,
  addressConnections: 10_000,
  unauthenticatedConnections: 1_000,
  addresses: 65_536,
};
