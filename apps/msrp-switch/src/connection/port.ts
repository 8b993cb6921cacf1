import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/** Where connections are taken. */
export interface ListenAt {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/** A place where connections are taken; disposing takes no more, and leaves those that are there. */
export interface Port extends Disposable {
  readonly number: number;
}

/** Connections that may wait to be accepted: a room's worth that comes back at once. */
const backlog = 4096;

/** Has a server listen. @throws Error of `listen`, e.g. EADDRINUSE */
export async function openPort(server: Server, at: ListenAt): Promise<Port> {
  server.listen({ ...at, backlog });
  await once(server, 'listening');
  return {
    number: (server.address() as AddressInfo).port, // a TCP server that listens has one
    [Symbol.dispose]() {
      server.close();
    },
  };
}
