/** What one switch does for others before it says no; each number bounds memory, work or waiting. */
export interface SwitchLimits {
  /** Connections at a time: file descriptors and receive buffers. */
  readonly connections: number;
  /** Connections from one address: a whole office may come from one, and so may a relay's users. */
  readonly connectionsPerAddress: number;
  /** Sessions that one connection may carry; a relay carries many. */
  readonly sessionsPerConnection: number;
  /** Sessions at a time, bound or not. */
  readonly sessions: number;
  /** Messages that one session may have begun and not ended. */
  readonly openMessages: number;
  /** NICKNAME requests of one session that may wait for their answers. */
  readonly waitingNicknames: number;
  /** Private messages of which a recipient's report is still awaited; older ones are forgotten. */
  readonly awaitedReports: number;
  /** Octets that wait for one connection: a message of the largest size and some more. Who falls behind is dropped. */
  readonly queueBytes: number;
  /** Octets that wait for a connection that counts as behind; while most recipients are, their sender waits. */
  readonly behindBytes: number;
  /** Octets of a CPIM head, which are held back until it is known whom the message is for. */
  readonly cpimHeadBytes: number;
  /** Octets of one message that are held back while its CPIM head has not come: some chunks that a relay has put in another order. */
  readonly heldBytes: number;
  /** Octets of messages that are read whole, held for one session until their ends have come: an amendment or two of the largest. */
  readonly gatheredBytes: number;
  /** Such octets of all sessions. */
  readonly gatheredBytesOfAll: number;
  /** Chunks of private messages of which an answer is awaited; older ones are forgotten. */
  readonly awaitedAnswers: number;
  /** Milliseconds that a recipient has for its answer. @spec RFC 4975 §7.1.1 */
  readonly answerTime: number;
  /** Milliseconds until a connection without a session is closed, and a session without a connection is lost. */
  readonly bindTime: number;
  /** Milliseconds that a session is kept whose peer has not answered our offer: longer than a device may ring, 60 s. */
  readonly offerTime: number;
  /** Milliseconds for a TLS or WebSocket handshake. */
  readonly handshakeTime: number;
  /** Milliseconds in which a session whose connection is gone may be bound again; well below the 10 s until it must be out of the roster. */
  readonly rebindTime: number;
  /** Milliseconds without a chunk after which a message is given up. @spec RFC 7701 §6.1 (chunk reception timer) */
  readonly chunkTime: number;
  /** Milliseconds that the nickname service has for an answer, below the 30 s of RFC 4975 §7.1.1. */
  readonly nicknameTime: number;
  /** Milliseconds between the pings of a WebSocket: proxies in front of it close what is silent for a minute. */
  readonly pingTime: number;
  /**
   * Milliseconds of silence after which the kernel asks whether the peer is there. It asks ten times, a second apart, so that
   * with {@link SwitchLimits.rebindTime} a peer that vanished is out of the roster within 30 s.
   */
  readonly keepAlive: number;
  /** Milliseconds in which a peer must acknowledge something of what it was sent; the kernel asks nothing meanwhile. */
  readonly silenceTime: number;
  /** Milliseconds between looks at who acknowledges nothing; with the three before at most 30 s. */
  readonly silenceLook: number;
}

/** Limits of a switch on a small machine. */
export const defaultSwitchLimits: SwitchLimits = {
  connections: 50_000,
  connectionsPerAddress: 20_000,
  sessionsPerConnection: 10_000,
  sessions: 100_000,
  openMessages: 64,
  waitingNicknames: 8,
  awaitedReports: 256,
  queueBytes: 16 * 1024 * 1024,
  behindBytes: 1024 * 1024,
  cpimHeadBytes: 8192,
  heldBytes: 65_536,
  gatheredBytes: 2 * 1024 * 1024,
  gatheredBytesOfAll: 64 * 1024 * 1024,
  awaitedAnswers: 10_000,
  answerTime: 30_000,
  bindTime: 30_000,
  offerTime: 90_000,
  handshakeTime: 10_000,
  rebindTime: 5000,
  chunkTime: 540_000,
  nicknameTime: 10_000,
  pingTime: 25_000,
  keepAlive: 8000,
  silenceTime: 12_000,
  silenceLook: 2000,
};
