import type { FlowObserver } from '@parley/sip-stack';
import { createConnector, listenTcp, listenTls, listenUdp, listenWebSocket, loadNative } from '@parley/sip-stack/node';
import type { Connector, TcpListener, TlsIdentity, UdpListener, UdpOptions } from '@parley/sip-stack/node';
import type { PublicPorts } from '../flows/own-uris.ts';
import { peerGuard, transportLimits, trustedPeers } from '../limits/peer-limits.ts';
import type { EdgeSettings } from '../settings.ts';

/** Everything that this edge hears and speaks through. */
export interface Transports extends AsyncDisposable {
  readonly ports: PublicPorts;
  readonly udp: UdpListener;
  readonly tcp: TcpListener;
  readonly connector: Connector;
  /** Why UDP and TCP go through Node's own sockets; empty when they go through the add-on. */
  readonly withoutNative: string;
}

/** What transports are opened with. */
export interface TransportsOptions {
  readonly settings: EdgeSettings;
  readonly identity: TlsIdentity;
  readonly observer: FlowObserver;
  readonly onDropped: (reason: string) => void;
  /** Answers STUN on the UDP port. */
  readonly onStun: NonNullable<UdpOptions['onStun']>;
  /** Hears of keep-alives over UDP that want no answer. */
  readonly onKeepAlive: NonNullable<UdpOptions['onKeepAlive']>;
  /** Refuses requests in datagrams before they are read. */
  readonly shed: NonNullable<UdpOptions['shed']>;
}

/** Tries to find a number that is free for UDP and TCP, when any will do. */
const pairTries = 20;

/**
 * Opens UDP and TCP on one number, TLS, and WebSocket.
 *
 * @throws Error of the system when a port is taken or not ours
 * @spec RFC 3261 §18.2.1 (UDP and TCP on the same port)
 */
export async function openTransports({
  settings,
  identity,
  observer,
  onDropped,
  onStun,
  onKeepAlive,
  shed,
}: TransportsOptions): Promise<Transports> {
  const guard = peerGuard(settings, trustedPeers(settings));
  const { native, reason } = loadNative(settings.nativeSockets);
  const limits = transportLimits(settings);
  const options: UdpOptions = { observer, limits, guard, native, onDropped, onStun, onKeepAlive, shed };
  await using opened = new AsyncDisposableStack();
  const { udp, tcp } = await openPair(settings, options);
  opened.use(udp);
  opened.use(tcp);
  const { host } = settings;
  const tls = opened.use(await listenTls({ host, port: settings.sipsPort }, identity, options));
  const ws = opened.use(await listenWebSocket({ host, port: settings.sipWsPort }, { ...options, identity }));
  const connector = opened.use(createConnector({ ...options, udp, identity }));
  const all = opened.move();
  return {
    ports: { sip: tcp.local.port, sips: tls.local.port, sipWs: ws.local.port },
    udp,
    tcp,
    connector,
    withoutNative: reason,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

interface Pair {
  readonly udp: UdpListener;
  readonly tcp: TcpListener;
}

async function openPair({ host, sipPort }: EdgeSettings, options: UdpOptions): Promise<Pair> {
  for (let tries = 1; ; tries++) {
    const tcp = await listenTcp({ host, port: sipPort }, options);
    try {
      return { tcp, udp: await listenUdp({ host, port: tcp.local.port }, options) };
    } catch (error) {
      await tcp[Symbol.asyncDispose]();
      if (sipPort !== 0 || tries === pairTries) throw error;
    }
  }
}
