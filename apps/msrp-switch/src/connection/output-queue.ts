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

/** What must be known of a chunk to be fair to others. */
export interface ChunkKind {
  /** Whether it is part of a longer message. */
  readonly isPart: boolean;
  /** Who says it. */
  readonly source: object | undefined;
}

/** A chunk with the path lines of one recipient. */
export interface AddressedChunk {
  readonly start: Uint8Array;
  readonly paths: Uint8Array;
  readonly tail: readonly Uint8Array[];
  /** Of all of it. */
  readonly octets: number;
}

const noOctets = new Uint8Array();

/** Octets and their number. */
interface Group {
  readonly parts: readonly Part[];
  readonly octets: number;
}

/**
 * The octets that wait for one connection, joined into one write per turn. While the kernel does not take them they stay
 * here as references, which a message's many recipients share.
 *
 * When more waits than one write holds, parts of long messages stand aside: what is short goes first, and the long ones
 * take turns, a chunk in each write. What one sender says stays in order.
 *
 * @spec RFC 4975 §7.1.1 (long messages are interrupted for responses and for each other)
 */
export class OutputQueue implements Flushable {
  private readonly sink: Sink;
  private readonly flusher: Flusher;
  private readonly limit: number;
  private readonly overflowed: () => void;
  private parts: Part[] = [];
  /** Of {@link parts}. */
  private octets = 0;
  /** What stands aside, by who says it. */
  private readonly aside = new Map<object, Group[]>();
  /** Of all that waits here. */
  private queued = 0;
  private writing = 0;
  private takenOctets = 0;
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

  /** Octets that the kernel has taken in all. */
  get taken(): number {
    return this.takenOctets;
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
  addChunk(chunk: AddressedChunk, kind: ChunkKind): void {
    const { start, paths, tail, octets } = chunk;
    const { source } = kind;
    if (source !== undefined && this.standsAside(source, kind)) {
      this.putAside(chunk, source);
      return;
    }
    this.open(octets);
    this.parts.push(start, paths);
    for (const part of tail) this.parts.push(part);
    this.grow(octets);
  }

  flush(): void {
    this.isScheduled = false;
    if (this.isOver) this.overflowed();
    else if (this.writing === 0 && this.queued > 0) this.writeOn();
  }

  private standsAside(source: object, { isPart }: ChunkKind): boolean {
    return this.aside.has(source) || (isPart && this.queued > writeBytes);
  }

  private putAside({ start, paths, tail, octets }: AddressedChunk, source: object): void {
    const head = this.sink.frame?.(octets) ?? noOctets;
    const group = { parts: [head, start, paths, ...tail], octets: head.length + octets };
    const others = this.aside.get(source);
    if (others === undefined) this.aside.set(source, [group]);
    else others.push(group);
    this.grow(group.octets, 0);
  }

  /** Begins the frame of a message. */
  private open(octets: number): void {
    const head = this.sink.frame?.(octets);
    if (head === undefined) return;
    this.parts.push(head);
    this.octets += head.length;
    this.queued += head.length;
  }

  /** @param inLine - how many of them do not stand aside */
  private grow(octets: number, inLine = octets): void {
    this.queued += octets;
    this.octets += inLine;
    if (this.waiting > this.limit) {
      this.isOver = true;
      this.parts = [];
      this.aside.clear();
      this.octets = this.queued = 0;
    }
    if (this.isScheduled || (this.writing > 0 && !this.isOver)) return;
    this.isScheduled = true;
    this.flusher.schedule(this);
  }

  private readonly written = (): void => {
    this.takenOctets += this.writing;
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

  /** The parts of the next write: what is in line, and a chunk of what stands aside. */
  private take(): Group {
    const line = this.takeLine();
    this.octets -= line.octets;
    const next = this.aside.size === 0 ? undefined : this.takeAside();
    if (next === undefined) return line;
    return { parts: [...line.parts, ...next.parts], octets: line.octets + next.octets };
  }

  private takeLine(): Group {
    if (this.octets <= writeBytes) {
      const { parts, octets } = this;
      this.parts = [];
      return { parts, octets };
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

  /** The oldest chunk of whose turn it is; nothing while a message in line is cut in two, which it would end up within. */
  private takeAside(): Group | undefined {
    const [first] = this.aside;
    if (first === undefined || this.parts.length > 0) return undefined;
    const [source, groups] = first;
    const next = groups.shift();
    this.aside.delete(source);
    if (groups.length > 0) this.aside.set(source, groups);
    return next;
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
