import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, Socket } from 'node:net';
import type { TlsIdentity } from '@parley/sip-stack/node';
import type { Cancel, Clock } from '@parley/prelude';
import type { Surroundings } from '../actors/surroundings.ts';
import type { Connections } from './connections.ts';
import { acceptedSocket, oldestTls } from './listen-tcp.ts';
import type { ListenAt, Port } from './port.ts';
import { openPort } from './port.ts';
import { SocketWire } from './socket-wire.ts';
import { acceptance, objection } from './web-socket-handshake.ts';
import { WebSocketWire } from './web-socket-wire.ts';

/** First octet of a TLS ClientHello. */
const tlsHandshake = 0x16;

type Adopt = (socket: Socket, head: Buffer) => void;

/** Answers the handshakes of an HTTP server that is handed its sockets. */
function serveHandshakes(server: Server, adopt: Adopt): void {
  server.on('upgrade', (request, socket, head) => {
    if (!(socket instanceof Socket)) return; // an HTTP server on sockets upgrades sockets
    const refusal = objection(request);
    if (refusal !== undefined) socket.end(refusal);
    else {
      socket.write(acceptance(request));
      adopt(socket, head);
    }
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
 * @throws Error of `listen`
 * @spec RFC 7977 §4, §5
 */
export async function listenWebSocket(
  at: ListenAt,
  connections: Connections,
  { clock, limits }: Pick<Surroundings, 'clock' | 'limits'>,
  identity: TlsIdentity,
): Promise<Port> {
  const handshakes = new Handshakes();
  const adopt =
    (isSecure: boolean): Adopt =>
    (socket, head) => {
      handshakes.done(socket);
      connections.adopt(new WebSocketWire(new SocketWire(socket, isSecure ? 'tls' : 'tcp'), head));
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
