import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, Socket } from 'node:net';
import type { TlsIdentity } from '@parley/sip-stack/node';
import { WebSocketServer } from 'ws';
import type { Cancel, Clock } from '@parley/prelude';
import type { Surroundings } from '../actors/surroundings.ts';
import type { Connections } from './connections.ts';
import { acceptedSocket, oldestTls } from './listen-tcp.ts';
import type { ListenAt, Port } from './port.ts';
import { openPort } from './port.ts';
import { webSocketWire } from './web-socket-wire.ts';

const subprotocol = 'msrp';

/** First octet of a TLS ClientHello. */
const tlsHandshake = 0x16;

type Adopt = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

/** Octets of a message beyond its body. */
const headRoom = 65_536;

/** Why a handshake is refused; undefined when it is fine. @spec RFC 7977 §4.1 */
function objection(request: IncomingMessage): string | undefined {
  const [path] = (request.url ?? '').split('?');
  if (path !== '/') return '404 Not Found';
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  return offered.includes(subprotocol) ? undefined : '400 Bad Request';
}

/** Answers the handshakes of an HTTP server that is handed its sockets. */
function serveHandshakes(server: Server, adopt: Adopt): void {
  server.on('upgrade', (request, socket, head) => {
    if (!(socket instanceof Socket)) return; // an HTTP server on sockets upgrades sockets
    const status = objection(request);
    if (status === undefined) adopt(request, socket, head);
    else socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  server.on('request', (_request, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
  });
}

/** Hands a connection to the server that its first octet asks for. */
function sort(socket: Socket, plain: Server, secure: Server): void {
  socket.once('data', (first: Buffer) => {
    socket.pause();
    socket.unshift(first);
    (first[0] === tlsHandshake ? secure : plain).emit('connection', socket);
    // The server listens for data only now; what was put back flows after that.
    process.nextTick(() => socket.resume());
  });
}

/**
 * The handshakes that go on, by the peer's address and port: a socket over which TLS is spoken hears nothing any more, so
 * that a time-out of its own would fire whatever happens.
 */
class Handshakes {
  private readonly going = new Map<string, Cancel>();

  begin(socket: Socket, clock: Clock, time: number): void {
    const key = keyOf(socket);
    const cancel = clock.after(time, () => socket.destroy());
    this.going.set(key, cancel);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.end(key, cancel);
    });
  }

  done(socket: Socket): void {
    const key = keyOf(socket);
    this.end(key, this.going.get(key));
  }

  private end(key: string, cancel: Cancel | undefined): void {
    cancel?.();
    if (this.going.get(key) === cancel) this.going.delete(key);
  }
}

const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/**
 * Takes MSRP over WebSocket at path `/`; who begins with a TLS handshake is served as WSS on the same port.
 *
 * @param maxSize - octets of the largest message
 * @throws Error of `listen`
 * @spec RFC 7977 §4, §5
 */
export async function listenWebSocket(
  at: ListenAt,
  connections: Connections,
  { clock, limits }: Pick<Surroundings, 'clock' | 'limits'>,
  identity: TlsIdentity,
  maxSize: number,
): Promise<Port> {
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    skipUTF8Validation: true, // the content of text frames is octets too, RFC 7977 §4.2
    maxPayload: maxSize + headRoom,
    handleProtocols: () => subprotocol,
  });
  const handshakes = new Handshakes();
  const adopt =
    (isSecure: boolean): Adopt =>
    (request, socket, head) => {
      handshakes.done(socket);
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        connections.adopt(webSocketWire(webSocket, socket, isSecure));
      });
    };
  const plain = createServer();
  const secure = createSecureServer({ ...identity.current, minVersion: oldestTls });
  serveHandshakes(plain, adopt(false));
  serveHandshakes(secure, adopt(true));
  identity.onChange((material) => {
    secure.setSecureContext({ ...material, minVersion: oldestTls });
  });
  const server = createTcpServer(acceptedSocket(limits), (socket) => {
    if (!connections.admits(socket.remoteAddress ?? '')) {
      socket.destroy();
      return;
    }
    handshakes.begin(socket, clock, limits.handshakeTime);
    sort(socket, plain, secure);
  });
  return await openPort(server, at);
}
