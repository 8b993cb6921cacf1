import type { Flushable, Flusher } from './flusher.ts';

/** Where a queue writes to: a socket. */
export interface Sink {
  /** Octets that the kernel has not taken yet. */
  readonly writableLength: number;
  /** Whether it needs the octets for longer than the write lasts, even when it takes all of them. */
  readonly keepsOctets: boolean;
  /** Where each message has a frame of its own: what goes in front of one of so many octets. */
  readonly frame?: (octets: number) => Uint8Array;
  write(bytes: Uint8Array, written: () => void): void;
  /** Writes in one call. */
  writeAll(parts: readonly Uint8Array[], written: () => void): void;
}

/** A text is one octet per character. */
type Part = string | Uint8Array;

/** Octets from which a part is handed to the kernel where it lies: copying costs more than a further vector entry. */
const ownVector = 16 * 1024;

/** Octets of one write; the rest of a long queue waits for the kernel to take these. */
const writeBytes = 256 * 1024;

/**
 * The octets that wait for one connection, joined into one write per turn. While the kernel does not take them they stay
 * here as references, which a message's many recipients share.
 */
export class OutputQueue implements Flushable {
  private readonly sink: Sink;
  private readonly flusher: Flusher;
  private readonly limit: number;
  private readonly overflowed: () => void;
  private parts: Part[] = [];
  private queued = 0;
  private writing = 0;
  private isScheduled = false;
  private isOver = false;
  private whenEmpty: (() => void) | undefined;

  /**
   * @param limit - octets that may wait
   * @param overflowed - called at the end of the turn in which they became more
   */
  constructor(sink: Sink, flusher: Flusher, limit: number, overflowed: () => void) {
    this.sink = sink;
    this.flusher = flusher;
    this.limit = limit;
    this.overflowed = overflowed;
  }

  /** Octets that wait, here or at the kernel's door. */
  get waiting(): number {
    return this.queued + this.writing;
  }

  /** Writes what there is, now, and calls back once the kernel has taken all of it. */
  finish(done: () => void): void {
    this.whenEmpty = done;
    this.flush();
    if (this.waiting === 0) done();
  }

  /** Adds a whole message. */
  add(text: string): void {
    this.open(text.length);
    this.addRaw(text);
  }

  /** Adds what needs no frame. */
  addRaw(text: string): void {
    this.parts.push(text);
    this.grow(text.length);
  }

  /** Adds a chunk for one recipient. */
  addChunk(start: Uint8Array, paths: Uint8Array, tail: readonly Uint8Array[], octets: number): void {
    this.open(octets + paths.length);
    this.parts.push(start, paths);
    for (const part of tail) this.parts.push(part);
    this.grow(octets + paths.length);
  }

  flush(): void {
    this.isScheduled = false;
    if (this.isOver) this.overflowed();
    else if (this.writing === 0 && this.queued > 0) this.writeOn();
  }

  /** Begins the frame of a message. */
  private open(octets: number): void {
    const head = this.sink.frame?.(octets);
    if (head === undefined) return;
    this.parts.push(head);
    this.queued += head.length;
  }

  private grow(octets: number): void {
    this.queued += octets;
    if (this.waiting > this.limit) {
      this.isOver = true;
      this.parts = [];
      this.queued = 0;
    }
    if (this.isScheduled || (this.writing > 0 && !this.isOver)) return;
    this.isScheduled = true;
    this.flusher.schedule(this);
  }

  private readonly written = (): void => {
    this.writing = 0;
    if (this.queued === 0) this.whenEmpty?.();
    if (this.queued > 0 && !this.isScheduled) {
      this.isScheduled = true;
      this.flusher.schedule(this);
    }
  };

  private writeOn(): void {
    const { parts, octets } = this.take();
    this.queued -= octets;
    this.writing = octets;
    const vectors = this.join(parts, octets);
    const [only] = vectors;
    if (vectors.length === 1 && only !== undefined) this.sink.write(only, this.written);
    else this.sink.writeAll(vectors, this.written);
    if (this.sink.writableLength > 0) for (const vector of vectors) this.flusher.keep(vector);
  }

  /** The parts of the next write. */
  private take(): { readonly parts: Part[]; readonly octets: number } {
    if (this.queued <= writeBytes) {
      const parts = this.parts;
      this.parts = [];
      return { parts, octets: this.queued };
    }
    let octets = 0;
    let count = 0;
    for (const part of this.parts) {
      if (octets >= writeBytes) break;
      octets += part.length;
      count++;
    }
    return { parts: this.parts.splice(0, count), octets };
  }

  /** Neighbouring small parts become one buffer, long ones stay as they are. */
  private join(parts: readonly Part[], octets: number): Buffer[] {
    const space = this.sink.keepsOctets ? Buffer.allocUnsafe(octets) : this.flusher.space(octets);
    const vectors: Buffer[] = [];
    let start = 0;
    let at = 0;
    for (const part of parts) {
      if (typeof part === 'string') at += space.write(part, at, 'latin1');
      else if (part.length < ownVector) {
        space.set(part, at);
        at += part.length;
      } else {
        if (at > start) vectors.push(space.subarray(start, at));
        vectors.push(Buffer.from(part.buffer, part.byteOffset, part.length));
        start = at;
      }
    }
    if (at > start) vectors.push(space.subarray(start, at));
    return vectors;
  }
}
