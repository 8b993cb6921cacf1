import { createServer } from 'node:net';
import { ConnectionFlow } from './connection-flow.ts';
import { ConnectionSet } from './connection-set.ts';
import { acceptedSocket, bind, endsOf, stopAccepting } from './listener.ts';
import type { ListenAt, Listener } from './listener.ts';
import { joinStream } from './stream-pipe.ts';
import { transportContext } from './transport-context.ts';
import type { TransportOptions } from './transport-context.ts';

/**
 * Listens for SIP over TCP.
 *
 * @throws Error of the system when the place is taken or not ours
 * @spec RFC 3261 §18.2.1, §18.3
 */
export async function listenTcp(at: ListenAt, options: TransportOptions): Promise<Listener> {
  const context = transportContext(options);
  const connections = new ConnectionSet(context);
  const server = createServer(acceptedSocket, (socket) => {
    const permit = connections.admit(socket);
    if (permit === undefined) return;
    const flow = new ConnectionFlow({ protocol: 'TCP', ...endsOf(socket), peerNames: [] }, context, permit);
    flow.attach(joinStream(socket, flow, context));
    flow.stand();
    connections.join(socket, flow);
  });
  const local = await bind(server, at);
  return {
    local,
    get size() {
      return connections.size;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([stopAccepting(server), connections[Symbol.asyncDispose]()]);
    },
  };
}
