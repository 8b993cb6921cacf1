import { createMsrpReader } from '@parley/msrp';
import type { Cancel } from '@parley/prelude';
import type { ConnectionDesk } from '../actors/connection-desk.ts';
import type { Surroundings } from '../actors/surroundings.ts';
import { Connection } from './connection.ts';
import { Flusher } from './flusher.ts';
import { SilenceWatch } from './silence-watch.ts';
import { stalledConnections } from './stalled-connections.ts';
import type { Wire } from './wire.ts';

/** All connections of the switch, as many as the limits allow; those that never say which session they are for are closed. */
export class Connections {
  private readonly around: Surroundings;
  private readonly desk: ConnectionDesk;
  private readonly maxSize: number;
  readonly flusher = new Flusher();
  private readonly connections = new Set<Connection>();
  private readonly perAddress = new Map<string, number>();
  private readonly watch: SilenceWatch;

  /** @param maxSize - octets of the largest message */
  constructor(around: Surroundings, desk: ConnectionDesk, maxSize: number) {
    this.around = around;
    this.desk = desk;
    this.maxSize = maxSize;
    const { clock, limits } = around;
    this.watch = new SilenceWatch({ clock, limits, connections: this.connections, stalled: stalledConnections });
  }

  get size(): number {
    return this.connections.size;
  }

  /** Whether there is room for one more from an address; says so where there is none. */
  admits(address: string): boolean {
    const { connections, connectionsPerAddress } = this.around.limits;
    const isFull = this.connections.size >= connections;
    if (!isFull && (this.perAddress.get(address) ?? 0) < connectionsPerAddress) return true;
    this.around.events.connectionRefused(address, isFull ? 'too many' : 'too many from this address');
    return false;
  }

  /** Makes a connection of a wire, of ours or of a peer. */
  adopt(wire: Wire): Connection {
    const { limits, codec } = this.around;
    const { queueBytes, behindBytes } = limits;
    const reader = createMsrpReader({ codec, limits: { chunkBytes: this.maxSize } });
    const connection = new Connection({ wire, reader, flusher: this.flusher, queueBytes, behindBytes });
    this.connections.add(connection);
    this.count(connection.address, 1);
    this.hear(connection, wire);
    this.around.events.connectionOpened(connection);
    return connection;
  }

  /** Ends all of them once what waits is written. */
  closeAll(why: string): void {
    for (const connection of this.connections) connection.close(why);
  }

  destroyAll(why: string): void {
    this.watch[Symbol.dispose]();
    for (const connection of this.connections) connection.destroy(why);
  }

  private hear(connection: Connection, wire: Wire): void {
    const cancel = this.around.clock.after(this.around.limits.bindTime, () => {
      if (connection.sessions.size === 0) connection.close('no session in time');
    });
    const quiet = this.keepAlive(connection);
    wire.onBytes((bytes) => {
      try {
        this.desk.received(connection, bytes);
      } catch (error) {
        this.around.events.connectionFailed(connection, error);
        connection.destroy('a fault of the switch');
      }
    });
    wire.onClose(() => {
      cancel();
      quiet();
      connection.isOpen = false;
      this.connections.delete(connection);
      this.count(connection.address, -1);
      this.desk.lost(connection);
    });
  }

  /** Pings now and then where the transport can. @spec RFC 7977 §6 */
  private keepAlive(connection: Connection): Cancel {
    const { clock, limits } = this.around;
    if (!connection.canPing) return () => {};
    let cancel: Cancel = () => {};
    const next = (): void => {
      cancel = clock.after(limits.pingTime, () => {
        connection.ping();
        next();
      });
    };
    next();
    return () => {
      cancel();
    };
  }

  private count(address: string, change: number): void {
    const count = (this.perAddress.get(address) ?? 0) + change;
    if (count > 0) this.perAddress.set(address, count);
    else this.perAddress.delete(address);
  }
}
