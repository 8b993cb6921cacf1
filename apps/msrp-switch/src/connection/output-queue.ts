import type { Flushable, Flusher } from './flusher.ts';
import type { Part } from './octet-parts.ts';
import { OctetParts } from './octet-parts.ts';

/** Where a queue writes to: a socket. */
export interface Sink {
  /** Octets handed over that the kernel has not taken. */
  readonly waiting: number;
  /** Where each message has a frame of its own: what goes in front of one of so many octets. */
  readonly frame?: (octets: number) => Uint8Array;
  /** Writes in one call. */
  write(parts: OctetParts): void;
  /** Whom to call when the kernel has taken what it had not at first; it may be called more often. */
  onTaken(listener: () => void): void;
}

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
  private readonly aside = new Map<object, OctetParts[]>();
  /** Of all that waits here. */
  private queued = 0;
  /** Octets that were written in all. */
  private written = 0;
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
    sink.onTaken(() => {
      this.goOn();
    });
  }

  /** Octets that wait, here or at the kernel's door. */
  get waiting(): number {
    return this.queued + this.sink.waiting;
  }

  /** Octets that the kernel has taken in all. */
  get taken(): number {
    return this.written - this.sink.waiting;
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
    else if (this.queued > 0 && this.sink.waiting === 0) this.writeOn();
  }

  private standsAside(source: object, { isPart }: ChunkKind): boolean {
    return this.aside.has(source) || (isPart && this.queued > writeBytes);
  }

  private putAside({ start, paths, tail, octets }: AddressedChunk, source: object): void {
    const head = this.sink.frame?.(octets) ?? noOctets;
    const group = new OctetParts([head, start, paths, ...tail], head.length + octets);
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
    if (this.isOver || this.sink.waiting === 0) this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    this.flusher.schedule(this);
  }

  /** The kernel took something. */
  private goOn(): void {
    if (this.queued > 0) this.schedule();
    else if (this.sink.waiting === 0) this.whenEmpty?.();
  }

  private writeOn(): void {
    const parts = this.take();
    this.queued -= parts.octets;
    this.written += parts.octets;
    this.sink.write(parts);
  }

  /** The parts of the next write: what is in line, and a chunk of what stands aside. */
  private take(): OctetParts {
    const line = this.takeLine();
    this.octets -= line.octets;
    const next = this.aside.size === 0 ? undefined : this.takeAside();
    if (next === undefined) return line;
    return new OctetParts([...line.parts, ...next.parts], line.octets + next.octets);
  }

  private takeLine(): OctetParts {
    if (this.octets <= writeBytes) {
      const { parts, octets } = this;
      this.parts = [];
      return new OctetParts(parts, octets);
    }
    let octets = 0;
    let count = 0;
    for (const part of this.parts) {
      if (octets >= writeBytes) break;
      octets += part.length;
      count++;
    }
    return new OctetParts(this.parts.splice(0, count), octets);
  }

  /** The oldest chunk of whose turn it is; nothing while a message in line is cut in two, which it would end up within. */
  private takeAside(): OctetParts | undefined {
    const [first] = this.aside;
    if (first === undefined || this.parts.length > 0) return undefined;
    const [source, groups] = first;
    const next = groups.shift();
    this.aside.delete(source);
    if (groups.length > 0) this.aside.set(source, groups);
    return next;
  }
}
