import type { Endpoint } from '../../flow.ts';
import type { ListenAt } from '../listener.ts';
import type { TurnFlusher } from '../turn-flusher.ts';
import { opening } from './native-error.ts';
import type { NativeHandle, NativeSockets } from './native-sockets.ts';
import { NativeStream } from './native-stream.ts';
import type { OctetSource } from './octet-source.ts';

/** Entries of one turn, as streams.c has it. */
const mostEntries = 1024;
/** Numbers of an entry that came: slot, kind, value. */
const entryWords = 3;
/** Octets that wait for the end of a turn; beyond, they leave at once. What a processor keeps in its cache. */
const slabOctets = 262_144;

/** Seconds of silence until the kernel asks whether a peer is there. */
const silence = 60;

/** What an entry says of its slot, as streams.c numbers it. */
const kinds = { accepted: 0, octets: 1, ended: 2, drained: 3, failed: 4 } as const;

/** A TCP listener and its connections: a turn of the event loop reads many of them, and writes to many, in one call. */
export class NativeStreams {
  readonly local: Endpoint;
  readonly #native: NativeSockets;
  readonly #handle: NativeHandle;
  readonly #accept: (stream: NativeStream) => void;
  #turn: Pick<TurnFlusher, 'within'> | undefined;
  readonly #arrived = new Int32Array(mostEntries * entryWords);
  /** Numbers of an entry that leaves: slot, where its octets end. */
  readonly #leaving = new Int32Array(mostEntries * 2);
  readonly #slab = Buffer.allocUnsafeSlow(slabOctets);
  readonly #streams: (NativeStream | undefined)[] = [];
  #entries = 0;
  #octets = 0;
  /** What flushes at the end of the turn, should nobody do so before. */
  #atEnd: NodeJS.Immediate | undefined;
  #closed = false;

  /**
   * @param keepAlive - seconds of silence until the kernel asks a peer whether it is there, ten times, a second apart
   * @throws Error of the system when the place is taken or not ours
   */
  constructor(native: NativeSockets, at: ListenAt, accept: (stream: NativeStream) => void, keepAlive = silence) {
    const { host, port, reusePort = false } = at;
    this.#native = native;
    this.#accept = accept;
    this.#handle = opening(`${host}:${port}`, () =>
      native.openStreams(host, port, reusePort, keepAlive, this.#arrived, this.#leaving, this.#slab, this.#hear),
    );
    const [address, realPort] = native.streamEnds(this.#handle, -1);
    this.local = { address, port: realPort };
  }

  /** Has somebody hear each batch and flush what was written meanwhile, which otherwise leaves with the turn of the event loop. */
  hearWithin(turn: Pick<TurnFlusher, 'within'>): void {
    this.#turn = turn;
  }

  /** Puts octets to those of this turn. */
  write(slot: number, source: OctetSource): void {
    if (source.octets > slabOctets) {
      this.#writeParts(slot, source);
      return;
    }
    this.#makeRoom(source.octets);
    if (this.#isOpen(slot)) this.#enter(slot, source.takeInto(this.#slab, this.#octets));
  }

  /** Closes our half of a connection after what was written. */
  end(slot: number): void {
    this.flush();
    this.#native.endStream(this.#handle, slot);
  }

  /** Closes a connection. What waits leaves first: its slot may be another's before the turn ends. */
  close(slot: number): void {
    this.flush();
    this.#streams[slot] = undefined;
    this.#native.closeStream(this.#handle, slot);
  }

  /** Hands all that waits to the kernel. */
  flush(): void {
    // One that is left would have the event loop turn once more for nothing.
    if (this.#atEnd !== undefined) clearImmediate(this.#atEnd);
    this.#atEnd = undefined;
    if (this.#entries === 0 || this.#closed) return;
    const troubled = this.#native.writeStreams(this.#handle, this.#entries);
    this.#entries = 0;
    this.#octets = 0;
    // Who hears of trouble may write again, which takes the place of these entries.
    const trouble = troubled === 0 ? [] : Array.from(this.#leaving.subarray(0, troubled * 2));
    for (let i = 0; i < trouble.length; i += 2) this.#hearTrouble(trouble[i] ?? 0, trouble[i + 1] ?? 0);
  }

  pause(slot: number): void {
    this.#native.pauseStream(this.#handle, slot);
  }

  resume(slot: number): void {
    this.#native.resumeStream(this.#handle, slot);
  }

  /** Milliseconds for which what was read since this was last asked waited; it grows for as long as senders find no room. */
  delay(): number {
    return this.#closed ? 0 : this.#native.streamsDelay(this.#handle);
  }

  stopAccepting(): void {
    this.#native.stopAccepting(this.#handle);
  }

  /** Closes everything; nothing is told. */
  shut(): void {
    this.flush();
    this.#closed = true;
    this.#native.closeSocket(this.#handle);
  }

  #hearTrouble(slot: number, left: number): void {
    const stream = this.#streams[slot];
    if (left >= 0) stream?.takeWaiting(left);
    else stream?.takeFailure('write', -left);
  }

  #writeParts(slot: number, source: OctetSource): void {
    const octets = Buffer.allocUnsafe(source.octets);
    source.takeInto(octets, 0);
    for (let at = 0; at < octets.length; at += slabOctets) {
      this.#makeRoom(slabOctets);
      if (!this.#isOpen(slot)) return;
      this.#enter(slot, octets.copy(this.#slab, 0, at, at + slabOctets));
    }
  }

  /** Who hears of trouble meanwhile may have filled the room again. */
  #makeRoom(octets: number): void {
    while (!this.#closed && (this.#octets + octets > slabOctets || this.#entries === mostEntries)) this.flush();
  }

  /** Whether a connection is there still: its last octets may have shown that it broke, and its slot be another's soon. */
  #isOpen(slot: number): boolean {
    return !this.#closed && this.#streams[slot] !== undefined;
  }

  #enter(slot: number, end: number): void {
    this.#leaving[this.#entries * 2] = slot;
    this.#leaving[this.#entries * 2 + 1] = end;
    this.#entries++;
    this.#octets = end;
    this.#atEnd ??= setImmediate(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.flush();
  };

  readonly #hear = (entries: number, octets: Buffer, origin: number): void => {
    if (this.#turn === undefined) this.#hearBatch(entries, octets, origin);
    else
      this.#turn.within(() => {
        this.#hearBatch(entries, octets, origin);
      });
  };

  #hearBatch(entries: number, octets: Buffer, origin: number): void {
    let start = origin;
    for (let at = 0; at < entries * entryWords && !this.#closed; at += entryWords) {
      const slot = this.#arrived[at] ?? 0;
      const kind = this.#arrived[at + 1];
      const value = this.#arrived[at + 2] ?? 0;
      const end = kind === kinds.octets ? origin + value : start;
      try {
        if (kind === kinds.octets) this.#streams[slot]?.take(octets.subarray(start, end));
        else this.#hearOther(slot, kind, value);
      } catch (error) {
        throwLater(error);
      }
      start = end;
    }
  }

  #hearOther(slot: number, kind: number | undefined, value: number): void {
    const stream = this.#streams[slot];
    if (kind === kinds.accepted) this.#meet(slot);
    else if (kind === kinds.ended) stream?.takeEnd();
    else if (kind === kinds.drained) stream?.takeWaiting(value);
    else if (kind === kinds.failed) stream?.takeFailure('read', value);
  }

  #meet(slot: number): void {
    const [localAddress, localPort, remoteAddress, remotePort] = this.#native.streamEnds(this.#handle, slot);
    const local = { address: localAddress, port: localPort };
    const stream = new NativeStream(this, slot, local, { address: remoteAddress, port: remotePort });
    this.#streams[slot] = stream;
    this.#accept(stream);
  }
}

/** What makes somebody throw costs only that entry: others of the batch were told of by the kernel too, and only once. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
