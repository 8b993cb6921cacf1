import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createMsrpReader } from '@parley/msrp';
import type { ConnectionDesk } from '../actors/connection-desk.ts';
import type { Surroundings } from '../actors/surroundings.ts';
import { Connection } from './connection.ts';
import type { Flusher } from './flusher.ts';

/** How connections are taken. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Octets of the largest message. */
  readonly maxSize: number;
}

/** Takes connections, as many as the limits allow, and closes those that never say which session they are for. */
export class Listener implements AsyncDisposable {
  private readonly around: Surroundings;
  private readonly desk: ConnectionDesk;
  private readonly flusher: Flusher;
  private readonly server: Server;
  private readonly maxSize: number;
  private readonly connections = new Set<Connection>();
  private readonly perAddress = new Map<string, number>();

  private constructor(around: Surroundings, desk: ConnectionDesk, flusher: Flusher, maxSize: number) {
    this.around = around;
    this.desk = desk;
    this.flusher = flusher;
    this.maxSize = maxSize;
    this.server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: around.limits.keepAlive });
    this.server.on('connection', (socket: Socket) => {
      this.accept(socket);
    });
  }

  /** @throws Error of `listen`, e.g. EADDRINUSE */
  static async start(
    around: Surroundings,
    desk: ConnectionDesk,
    flusher: Flusher,
    { host, port, maxSize }: ListenerOptions,
  ): Promise<Listener> {
    const listener = new Listener(around, desk, flusher, maxSize);
    listener.server.listen({ host, port, backlog: 4096 });
    await once(listener.server, 'listening');
    return listener;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port; // a TCP server that listens has one
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  /** Makes a connection of a socket, ours or a peer's. */
  adopt(socket: Socket): Connection {
    const { limits, codec, clock } = this.around;
    const reader = createMsrpReader({ codec, limits: { chunkBytes: this.maxSize } });
    const { queueBytes, behindBytes } = limits;
    const connection = new Connection({ socket, reader, flusher: this.flusher, queueBytes, behindBytes });
    this.connections.add(connection);
    this.count(connection.address, 1);
    socket.on('data', (bytes: Buffer) => {
      this.desk.received(connection, bytes);
    });
    const idle = clock.after(limits.bindTime, () => {
      if (connection.sessions.size === 0) connection.close('no session in time');
    });
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => {
      idle();
      connection.isOpen = false;
      this.connections.delete(connection);
      this.count(connection.address, -1);
      this.desk.lost(connection);
    });
    this.around.events.connectionOpened(connection);
    return connection;
  }

  /** Takes no further connections; those that are there go on. */
  stop(): void {
    this.server.close();
  }

  /** Ends all connections once what waits for them is written. */
  closeAll(why: string): void {
    for (const connection of this.connections) connection.close(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.server.listening ? once(this.server, 'close') : undefined;
    this.server.close();
    for (const connection of this.connections) connection.destroy('the switch stops');
    await closed;
  }

  private accept(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const { connections, connectionsPerAddress } = this.around.limits;
    const isFull = this.connections.size >= connections;
    if (isFull || (this.perAddress.get(address) ?? 0) >= connectionsPerAddress) {
      this.around.events.connectionRefused(address, isFull ? 'too many' : 'too many from this address');
      socket.destroy();
    } else this.adopt(socket);
  }

  private count(address: string, change: number): void {
    const count = (this.perAddress.get(address) ?? 0) + change;
    if (count > 0) this.perAddress.set(address, count);
    else this.perAddress.delete(address);
  }
}
