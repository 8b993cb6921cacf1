import { createServer } from 'node:net';
import { ConnectionFlow } from './connection-flow.ts';
import { ConnectionSet } from './connection-set.ts';
import { acceptedSocket, bind, endsOf, stopAccepting } from './listener.ts';
import type { ListenAt, Listener } from './listener.ts';
import type { NativeSockets } from './native/native-sockets.ts';
import type { NativeStream } from './native/native-stream.ts';
import { NativeStreams } from './native/native-streams.ts';
import { joinStream, readerOf } from './stream-pipe.ts';
import { transportContext } from './transport-context.ts';
import type { TransportContext, TransportOptions } from './transport-context.ts';
import { TurnFlusher } from './turn-flusher.ts';

/** Listens for connections. */
export interface TcpListener extends Listener {
  /** Milliseconds for which what came since this was last asked may have waited to be read; 0 where nobody can tell. */
  delay(): number;
}

/**
 * Listens for SIP over TCP.
 *
 * @throws Error of the system when the place is taken or not ours
 * @spec RFC 3261 §18.2.1, §18.3
 */
export async function listenTcp(at: ListenAt, options: TransportOptions): Promise<TcpListener> {
  const context = transportContext(options);
  return options.native === undefined ? listenByNode(at, context) : listenByAddOn(at, context, options.native);
}

async function listenByNode(at: ListenAt, context: TransportContext): Promise<TcpListener> {
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
    delay: () => 0,
    async [Symbol.asyncDispose]() {
      await Promise.all([stopAccepting(server), connections[Symbol.asyncDispose]()]);
    },
  };
}

function listenByAddOn(at: ListenAt, shared: TransportContext, native: NativeSockets): TcpListener {
  const flusher = new TurnFlusher(() => {
    streams.flush();
  });
  const context = { ...shared, flusher };
  const connections = new ConnectionSet(context);
  const accept = (stream: NativeStream): void => {
    const permit = connections.admit(stream);
    if (permit === undefined) return;
    const { local, remote } = stream;
    const flow = new ConnectionFlow({ protocol: 'TCP', local, remote, peerNames: [] }, context, permit);
    stream.receive(readerOf(stream, flow, context));
    flow.attach(stream);
    flow.stand();
    connections.join(stream, flow);
  };
  const streams = new NativeStreams(native, at, accept);
  streams.hearWithin(flusher);
  return {
    local: streams.local,
    get size() {
      return connections.size;
    },
    delay: () => streams.delay(),
    async [Symbol.asyncDispose]() {
      streams.stopAccepting();
      await connections[Symbol.asyncDispose]();
      streams.shut();
    },
  };
}
