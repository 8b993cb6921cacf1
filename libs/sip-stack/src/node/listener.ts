import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { Endpoint } from '../flow.ts';
import { plainAddress } from './plain-address.ts';

/** Where to listen. */
export interface ListenAt {
  /** Address literal of a local interface; `0.0.0.0` or `::` for all. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Whether other sockets, of other workers, may listen at the same place and share what comes. */
  readonly reusePort?: boolean;
}

/** Something that accepts. Disposing it stops accepting, writes out what is queued and closes what it holds. */
export interface Listener extends AsyncDisposable {
  /** Where it listens; the port is the real one. */
  readonly local: Endpoint;
  /** Connections, or peers remembered over UDP. */
  readonly size: number;
}

/**
 * Binds a server.
 *
 * @throws Error of the system when the place is taken or not ours
 */
export async function bind(server: Server, { host, port, reusePort = false }: ListenAt): Promise<Endpoint> {
  server.listen({ host, port, reusePort, backlog: 4096 });
  await once(server, 'listening');
  return localOf(server);
}

function localOf(server: Server): Endpoint {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return { address: '', port: 0 };
  return { address: plainAddress(bound.address), port: bound.port };
}

/** Stops accepting and waits until no connection is left. */
export async function stopAccepting(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  await closed;
}

/** Both ends of a connected socket. */
export function endsOf(socket: Socket): { readonly local: Endpoint; readonly remote: Endpoint } {
  return {
    local: { address: plainAddress(socket.localAddress), port: socket.localPort ?? 0 },
    remote: { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 },
  };
}

/** Socket options of every accepted connection: answers leave at once, and a peer may close its half first. */
export const acceptedSocket = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
