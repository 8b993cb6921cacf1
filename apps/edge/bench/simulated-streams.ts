import { Fault } from '@parley/prelude';
import type { NativeSockets } from '@parley/sip-stack/node';

type NativeHandle = ReturnType<NativeSockets['openStreams']>;
type NativeListener = Parameters<NativeSockets['openStreams']>[7];

/** Octets of a buffer that many batches share, as the add-on has it. */
const poolOctets = 16_384;

/** What a connection brings in one turn. */
export interface Arrival {
  readonly slot: number;
  readonly octets: Buffer;
}

/**
 * The add-on's TCP without a kernel: one listener, connections that a benchmark opens, and what it has them bring. What a turn
 * writes is kept until somebody takes it. All of JavaScript between two system calls is run, and nothing else.
 */
export class SimulatedStreams {
  private readonly ends: { readonly port: number }[] = [];
  private arrived: Int32Array = new Int32Array();
  private leaving: Int32Array = new Int32Array();
  private slab: Buffer = Buffer.alloc(0);
  private listener: NativeListener | undefined;
  private pool = Buffer.alloc(0);
  private used = 0;
  private readonly written: Arrival[] = [];

  /** To be given to `listenTcp`. What no bench of messages calls is not there. */
  readonly native = {
    openStreams: (
      _host: string,
      _port: number,
      _reusePort: boolean,
      _keepAlive: number,
      arrived: Int32Array,
      leaving: Int32Array,
      octets: Buffer,
      listener: NativeListener,
    ): NativeHandle => {
      this.arrived = arrived;
      this.leaving = leaving;
      this.slab = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
      this.listener = listener;
      // Nobody looks inside.
      return {} as NativeHandle;
    },
    writeStreams: (_handle: NativeHandle, entries: number): number => {
      let start = 0;
      for (let i = 0; i < entries; i++) {
        const end = this.leaving[2 * i + 1] ?? 0;
        this.written.push({ slot: this.leaving[2 * i] ?? 0, octets: Buffer.from(this.slab.subarray(start, end)) });
        start = end;
      }
      return 0;
    },
    streamEnds: (_handle: NativeHandle, slot: number): [string, number, string, number] => {
      const port = this.ends[slot]?.port ?? 0;
      return ['127.0.0.1', 5060, '127.0.0.1', port];
    },
    stopAccepting: (): void => {},
    endStream: (): void => {},
    closeStream: (): void => {},
    closeSocket: (): void => {},
  } as unknown as NativeSockets;

  /** A peer connects; gives its slot. */
  connect(port: number): number {
    const slot = this.ends.push({ port }) - 1;
    this.arrived.set([slot, 0, 0]);
    this.hear(1, Buffer.alloc(0), 0);
    return slot;
  }

  /** One turn of the event loop reads all of these; gives how long the other side took, in microseconds of processor time. */
  turn(arrivals: readonly Arrival[]): number {
    const start = this.lay(arrivals);
    const before = process.cpuUsage();
    this.hear(arrivals.length, this.pool, start);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  }

  /** What was written since this was last asked. */
  take(): readonly Arrival[] {
    return this.written.splice(0);
  }

  private hear(entries: number, octets: Buffer, start: number): void {
    if (this.listener === undefined) throw new Fault('expected a listener first');
    this.listener(entries, octets, start);
  }

  private lay(arrivals: readonly Arrival[]): number {
    const length = arrivals.reduce((sum, { octets }) => sum + octets.length, 0);
    if (this.used + length > this.pool.length) {
      this.pool = Buffer.allocUnsafeSlow(Math.max(length, poolOctets));
      this.used = 0;
    }
    const start = this.used;
    for (const [i, { slot, octets }] of arrivals.entries()) {
      octets.copy(this.pool, this.used);
      this.used += octets.length;
      this.arrived.set([slot, 1, this.used - start], 3 * i);
    }
    return start;
  }
}
