import type { ServerOpts, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { NativeSockets, TlsIdentity } from '@parley/sip-stack/node';
import type { SwitchLimits } from '../limits.ts';
import type { Connections } from './connections.ts';
import { listenNative } from './listen-native.ts';
import { NativeWire } from './native-wire.ts';
import type { ListenAt, Port } from './port.ts';
import { openPort } from './port.ts';
import { SocketWire } from './socket-wire.ts';

/** How sockets are accepted. */
export function acceptedSocket({ keepAlive }: SwitchLimits): ServerOpts {
  return { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAlive };
}

/**
 * Takes MSRP over TCP.
 *
 * @param native - the add-on, where there is one
 * @throws Error of `listen`
 * @spec RFC 4975 §6
 */
export async function listenTcp(
  at: ListenAt,
  connections: Connections,
  limits: SwitchLimits,
  native: NativeSockets | undefined,
): Promise<Port> {
  if (native !== undefined) {
    return listenNative(native, at, connections, limits, (stream) => {
      connections.adopt(new NativeWire(stream));
    });
  }
  const server = createServer(acceptedSocket(limits), (socket) => {
    if (admit(socket, connections)) connections.adopt(new SocketWire(socket, 'tcp'));
  });
  return await openPort(server, at);
}

/** Takes MSRP over TLS. @throws Error of `listen` @spec RFC 4975 §6, §14.2 */
export async function listenTls(
  at: ListenAt,
  connections: Connections,
  limits: SwitchLimits,
  identity: TlsIdentity,
): Promise<Port> {
  const server = createTlsServer({
    ...acceptedSocket(limits),
    ...identity.current,
    // A certificate need not be shown; whose it is can be told once it is known which session it is for.
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: oldestTls,
    handshakeTimeout: limits.handshakeTime,
  });
  server.on('connection', (socket: Socket) => admit(socket, connections));
  server.on('secureConnection', (socket) => {
    connections.adopt(new SocketWire(socket, 'tls'));
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  identity.onChange((material) => {
    server.setSecureContext({ ...material, minVersion: oldestTls });
  });
  return await openPort(server, at);
}

/** Oldest version of TLS that is spoken. @spec RFC 8996 */
export const oldestTls = 'TLSv1.2';

function admit(socket: Socket, connections: Connections): boolean {
  const isAdmitted = connections.admits(socket.remoteAddress ?? '');
  if (!isAdmitted) socket.destroy();
  return isAdmitted;
}
