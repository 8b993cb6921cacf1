import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { ConnectionFlow } from './connection-flow.ts';
import { ConnectionSet } from './connection-set.ts';
import { acceptedSocket, bind, endsOf, stopAccepting } from './listener.ts';
import type { ListenAt, Listener } from './listener.ts';
import { peerNamesOf } from './peer-names.ts';
import { joinStream } from './stream-pipe.ts';
import type { TlsIdentity } from './tls-identity.ts';
import { transportContext } from './transport-context.ts';
import type { TransportContext, TransportOptions } from './transport-context.ts';

/** Oldest version of TLS that is spoken. @spec RFC 8996 */
export const oldestTls = 'TLSv1.2';

function accept(socket: TLSSocket, connections: ConnectionSet, context: TransportContext): void {
  socket.allowHalfOpen = acceptedSocket.allowHalfOpen;
  const facts = { protocol: 'TLS', ...endsOf(socket), peerNames: peerNamesOf(socket) } as const;
  const flow = new ConnectionFlow(facts, context, connections.permitOf(socket));
  flow.attach(joinStream(socket, flow, context));
  flow.stand();
  connections.join(socket, flow);
}

/**
 * Listens for SIP over TLS. Peers may show a certificate; those who show a trusted one have `peerNames`.
 *
 * @throws Error of the system when the place is taken or not ours
 * @spec RFC 3261 §26.3.1, RFC 5922 §7
 */
export async function listenTls(at: ListenAt, identity: TlsIdentity, options: TransportOptions): Promise<Listener> {
  const context = transportContext(options);
  const connections = new ConnectionSet(context);
  const server = createServer({
    ...acceptedSocket,
    // Who leaves in the handshake keeps no place until its time is up: it has nothing to wait for.
    allowHalfOpen: false,
    ...identity.current,
    minVersion: oldestTls,
    handshakeTimeout: context.limits.handshakeTimeout,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('connection', (socket: Socket) => connections.admit(socket));
  server.on('secureConnection', (socket) => {
    accept(socket, connections, context);
  });
  server.on('tlsClientError', (_error, socket) => {
    context.dropped('handshake', socket.remoteAddress ?? '');
    socket.destroy();
  });
  const forget = identity.onChange((material) => {
    server.setSecureContext({ ...material, minVersion: oldestTls });
  });
  const local = await bind(server, at);
  return {
    local,
    get size() {
      return connections.size;
    },
    async [Symbol.asyncDispose]() {
      forget();
      await Promise.all([stopAccepting(server), connections[Symbol.asyncDispose]()]);
    },
  };
}
