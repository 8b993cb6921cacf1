import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { TransportProtocol } from '../flow.ts';
import { ConnectionFlow } from './connection-flow.ts';
import { ConnectionSet } from './connection-set.ts';
import { oldestTls } from './listen-tls.ts';
import { bind, endsOf, stopAccepting } from './listener.ts';
import type { ListenAt, Listener } from './listener.ts';
import type { TlsIdentity } from './tls-identity.ts';
import { transportContext } from './transport-context.ts';
import type { TransportContext, TransportOptions } from './transport-context.ts';
import { hearWebSocket, ServerWebSocketPipe } from './web-socket-pipe.ts';

/** What a WebSocket port is given beyond what every transport has. */
export interface WebSocketOptions extends TransportOptions {
  /** For peers who begin with TLS; without it they are closed. */
  readonly identity?: TlsIdentity;
  /** Whether a page of this origin may connect; default every origin, since digest asks each for its password. */
  readonly allowOrigin?: (origin: string | undefined) => boolean;
}

const tlsHandshake = 0x16;
const subprotocol = 'sip';

/** Refuses a handshake. @spec RFC 6455 §4.2.2 */
function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Why a handshake is refused; undefined when it is fine. @spec RFC 7118 §4.1, §4.2 */
function objection(request: IncomingMessage, options: WebSocketOptions): string | undefined {
  const [path] = (request.url ?? '').split('?');
  if (path !== '/') return '404 Not Found';
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  if (!offered.includes(subprotocol)) return '400 Bad Request';
  return options.allowOrigin?.(request.headers.origin) === false ? '403 Forbidden' : undefined;
}

/** Turns the HTTP requests of one port into flows. */
class WebSocketPort {
  readonly connections: ConnectionSet;
  readonly #context: TransportContext;
  readonly #options: WebSocketOptions;
  readonly #webSockets: WebSocketServer;

  constructor(options: WebSocketOptions) {
    this.#options = options;
    this.#context = transportContext(options);
    this.connections = new ConnectionSet(this.#context);
    const { headOctets, bodyOctets } = this.#context.limits.sip;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: headOctets + bodyOctets,
      handleProtocols: () => subprotocol,
    });
  }

  /** Serves the handshakes of an HTTP server that is handed its connections. */
  serve(server: Server, protocol: TransportProtocol): void {
    server.on('upgrade', (request, socket, head) => {
      // An HTTP server on sockets upgrades sockets; its type allows for any stream.
      if (socket instanceof Socket) this.#upgrade(request, socket, head, protocol);
    });
    server.on('request', (_request, response) => {
      response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
    });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer, protocol: TransportProtocol): void {
    const status = objection(request, this.#options);
    if (status !== undefined) {
      this.#context.dropped('handshake', socket.remoteAddress ?? '');
      refuse(socket, status);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const facts = { protocol, ...endsOf(socket), peerNames: [] };
      const flow = new ConnectionFlow(facts, this.#context, this.connections.permitOf(socket));
      hearWebSocket(webSocket, flow, this.#context, socket);
      flow.attach(new ServerWebSocketPipe(webSocket, socket));
      flow.stand();
      this.connections.join(socket, flow);
    });
  }

  /** Looks at the first octet of a connection to see who is to have it. */
  sort(socket: Socket, plain: Server, secure: Server | undefined): void {
    if (this.connections.admit(socket) === undefined) return;
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      socket.pause();
      const server = first[0] === tlsHandshake ? secure : plain;
      if (server === undefined) {
        socket.destroy();
        return;
      }
      socket.unshift(first);
      server.emit('connection', socket);
      // The server listens for data only now; what was put back flows after that.
      process.nextTick(() => socket.resume());
    });
  }
}

/**
 * Listens for SIP over WebSocket at path `/`; who begins with a TLS handshake is served as WSS on the same port.
 *
 * @throws Error of the system when the place is taken or not ours
 * @spec RFC 7118 §4, §5
 */
export async function listenWebSocket(at: ListenAt, options: WebSocketOptions): Promise<Listener> {
  const port = new WebSocketPort(options);
  const { identity } = options;
  const plain = createServer();
  port.serve(plain, 'WS');
  const secure = identity && createSecureServer({ ...identity.current, minVersion: oldestTls });
  if (secure !== undefined) port.serve(secure, 'WSS');
  const forget = identity?.onChange((material) => secure?.setSecureContext({ ...material, minVersion: oldestTls }));
  const server = createTcpServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) => {
    port.sort(socket, plain, secure);
  });
  const local = await bind(server, at);
  return {
    local,
    get size() {
      return port.connections.size;
    },
    async [Symbol.asyncDispose]() {
      forget?.();
      await Promise.all([stopAccepting(server), port.connections[Symbol.asyncDispose]()]);
    },
  };
}
