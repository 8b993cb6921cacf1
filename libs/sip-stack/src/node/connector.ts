import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { Fault, transportFailure } from '@parley/prelude';
import { WebSocket } from 'ws';
import type { Endpoint, Flow } from '../flow.ts';
import type { Hop } from '../resolution/hop.ts';
import { ConnectionFlow } from './connection-flow.ts';
import type { FlowFacts } from './connection-flow.ts';
import { oldestTls } from './listen-tls.ts';
import type { UdpListener } from './listen-udp.ts';
import { endsOf } from './listener.ts';
import { checkSipIdentity, peerNamesOf } from './peer-names.ts';
import { bracketed } from './plain-address.ts';
import { joinStream } from './stream-pipe.ts';
import type { TlsIdentity } from './tls-identity.ts';
import { transportContext } from './transport-context.ts';
import type { TransportContext, TransportOptions } from './transport-context.ts';
import { ClientWebSocketPipe, hearWebSocket } from './web-socket-pipe.ts';

/** How flows are opened. */
export interface ConnectorOptions extends TransportOptions {
  /** The socket that flows over UDP leave from; without it UDP cannot be reached. */
  readonly udp?: UdpListener;
  /** Certificate to show, and authorities to trust. */
  readonly identity?: TlsIdentity;
  /** PEM of the authorities to trust; those of the identity, else of the system, by default. */
  readonly ca?: string;
  /** Whether a peer must prove the name of the hop; default true. False is for laboratories. */
  readonly verify?: boolean;
}

/** Opens flows, and finds those that are open already. Disposing it closes the connections that it opened. */
export interface Connector extends AsyncDisposable {
  /**
   * The flow to a hop: the open one, or a new one that keeps what is sent until it stands. One that cannot be opened
   * tells the observer.
   *
   * @spec RFC 3261 §18.1.1 (connections are reused)
   */
  flowTo(hop: Hop): Flow;
  /** The flow to a hop once its connection stands; undefined, after the observer has heard why, when it does not. */
  connect(hop: Hop): Promise<Flow | undefined>;
  /** Makes an accepted connection the flow to the hop, as its peer asked for and proved. @spec RFC 5923 §3 (alias) */
  adopt(flow: Flow, hop: Hop): void;
  readonly size: number;
}

const unknownEnd: Endpoint = { address: '', port: 0 };

function keyOf({ protocol, address, port, serverName }: Hop): string {
  return protocol === 'TLS' || protocol === 'WSS'
    ? `${protocol} ${address} ${port} ${serverName.toLowerCase()}`
    : `${protocol} ${address} ${port}`;
}

class ConnectionPool implements Connector {
  readonly #options: ConnectorOptions;
  readonly #context: TransportContext;
  readonly #flows = new Map<string, Flow>();
  /** What we opened, with the moment it is gone. */
  readonly #ownFlows = new Map<ConnectionFlow, Promise<void>>();

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#context = transportContext(options);
  }

  get size(): number {
    return this.#flows.size;
  }

  flowTo(hop: Hop): Flow {
    if (hop.protocol === 'UDP') {
      if (this.#options.udp === undefined) throw new Fault('no UDP socket to reach a hop from');
      return this.#options.udp.flowTo(hop);
    }
    const key = keyOf(hop);
    const known = this.#flows.get(key);
    if (known?.open === true) return known;
    const flow = this.#open(hop, key);
    this.#flows.set(key, flow);
    return flow;
  }

  async connect(hop: Hop): Promise<Flow | undefined> {
    const flow = this.flowTo(hop);
    const stands = flow instanceof ConnectionFlow ? await flow.stood : true;
    return stands ? flow : undefined;
  }

  adopt(flow: Flow, hop: Hop): void {
    const key = keyOf(hop);
    if (this.#flows.get(key)?.open !== true) this.#flows.set(key, flow);
  }

  #open(hop: Hop, key: string): ConnectionFlow {
    const { protocol, address, port } = hop;
    const facts: FlowFacts = { protocol, local: unknownEnd, remote: { address, port }, peerNames: [] };
    const flow = new ConnectionFlow(facts, this.#context, this.#context.guard.dial(address));
    const closed =
      protocol === 'WS' || protocol === 'WSS' ? this.#openWebSocket(hop, flow) : this.#openStream(hop, flow);
    this.#ownFlows.set(flow, closed);
    void closed.then(() => {
      this.#ownFlows.delete(flow);
      if (this.#flows.get(key) === flow) this.#flows.delete(key);
    });
    return flow;
  }

  #openStream(hop: Hop, flow: ConnectionFlow): Promise<void> {
    const { address: host, port, protocol } = hop;
    const secure = protocol === 'TLS' ? connectTls({ host, port, ...this.#tls(hop) }) : undefined;
    const socket = secure ?? connectTcp({ host, port, noDelay: true, keepAlive: true });
    flow.attach(joinStream(socket, flow, this.#context));
    const patience = this.#giveUpInTime(flow);
    socket.once(secure === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(patience);
      flow.stand({ protocol, ...endsOf(socket), peerNames: secure === undefined ? [] : peerNamesOf(secure) });
    });
    return gone(socket, patience);
  }

  #openWebSocket(hop: Hop, flow: ConnectionFlow): Promise<void> {
    const { protocol, address, port } = hop;
    const scheme = protocol === 'WSS' ? 'wss' : 'ws';
    const { connectTimeout, sip } = this.#context.limits;
    const webSocket = new WebSocket(`${scheme}://${bracketed(address)}:${port}/`, 'sip', {
      perMessageDeflate: false,
      handshakeTimeout: connectTimeout,
      maxPayload: sip.headOctets + sip.bodyOctets,
      ...(protocol === 'WSS' ? this.#tls(hop) : {}),
    });
    const pipe = new ClientWebSocketPipe(webSocket);
    hearWebSocket(webSocket, flow, this.#context);
    flow.attach(pipe);
    const patience = this.#giveUpInTime(flow);
    webSocket.once('open', () => {
      clearTimeout(patience);
      const { socket } = pipe;
      if (socket === undefined) throw new Fault('a WebSocket opened without an upgrade');
      flow.stand({
        protocol,
        ...endsOf(socket),
        peerNames: socket instanceof TLSSocket ? peerNamesOf(socket) : [],
      });
    });
    return gone(webSocket, patience);
  }

  #giveUpInTime(flow: ConnectionFlow): NodeJS.Timeout {
    const { connectTimeout } = this.#context.limits;
    return setTimeout(() => {
      flow.fail(transportFailure(`no connection within ${connectTimeout} ms`, true));
    }, connectTimeout);
  }

  #tls({ serverName, address }: Hop): ConnectionOptions {
    const { identity, ca = identity?.current.ca, verify = true } = this.#options;
    return {
      ...(identity === undefined ? {} : { cert: identity.current.cert, key: identity.current.key }),
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      minVersion: oldestTls,
      rejectUnauthorized: verify,
      checkServerIdentity: (_host, certificate) => checkSipIdentity(serverName || address, certificate),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const flow of this.#ownFlows.keys()) flow.close('shutting down');
    await Promise.all(this.#ownFlows.values());
  }
}

function gone(connection: Socket | WebSocket, patience: NodeJS.Timeout): Promise<void> {
  return new Promise((resolve) => {
    connection.once('close', () => {
      clearTimeout(patience);
      resolve();
    });
  });
}

/** Builds a {@link Connector}. */
export function createConnector(options: ConnectorOptions): Connector {
  return new ConnectionPool(options);
}
