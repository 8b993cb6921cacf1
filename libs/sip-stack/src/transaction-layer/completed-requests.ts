import type { ByteCodec, Cancel, Clock } from '@parley/prelude';
import { OctetLog, offsetOf, segmentOctets } from './octet-log.ts';
import { hashOf } from './transaction-table.ts';

/** Entries for which there is room at first; a power of two, as every later number is. */
const leastEntries = 256;
/** Milliseconds between two looks at what is over. */
const grain = 1_000;
const nobody = -1;

/** What is kept is limited by. */
export interface CompletedLimits {
  /** Milliseconds for which a response is kept: Timer J. */
  readonly wait: number;
  readonly entries: number;
  readonly octets: number;
}

/** Where each entry stands, by the low bits of its number; outside the heap as well. */
class Index {
  readonly mask: number;
  /** Number of the entry that came last, by hash. */
  readonly heads: Float64Array;
  /** Number of the one before it of the same bucket. */
  readonly before: Float64Array;
  readonly hashes: Int32Array;
  readonly due: Float64Array;
  readonly starts: Float64Array;
  readonly nameLengths: Int32Array;
  readonly lengths: Int32Array;

  constructor(size: number) {
    this.mask = size - 1;
    this.heads = new Float64Array(size).fill(nobody);
    this.before = new Float64Array(size);
    this.hashes = new Int32Array(size);
    this.due = new Float64Array(size);
    this.starts = new Float64Array(size);
    this.nameLengths = new Int32Array(size);
    this.lengths = new Int32Array(size);
  }

  /** Puts an entry to those of its hash. */
  link(entry: number, hash: number): void {
    this.hashes[entry & this.mask] = hash;
    this.before[entry & this.mask] = this.heads[hash & this.mask] ?? nobody;
    this.heads[hash & this.mask] = entry;
  }
}

/**
 * Final responses to non-INVITE requests that came in datagrams, for as long as the request may come again (Timer J): half
 * a minute, in which a busy server answers half a million. Each is its name and its octets, found by hash; nothing of it
 * is an object. All wait equally long, so that the oldest is always the next to go.
 *
 * @note An entry that is over stays in the chain of its bucket: numbers before the first one end the chain.
 * @spec RFC 3261 §17.2.2
 */
export class CompletedRequests {
  private readonly clock: Clock;
  private readonly codec: ByteCodec;
  private readonly seed: number;
  private readonly limits: CompletedLimits;
  private readonly log = new OctetLog();
  private index = new Index(leastEntries);
  /** Number of the oldest entry, and of the next one. */
  private first = 0;
  private next = 0;
  private cancelSweep: Cancel | undefined;

  constructor(clock: Clock, codec: ByteCodec, seed: number, limits: CompletedLimits) {
    this.clock = clock;
    this.codec = codec;
    this.seed = seed;
    this.limits = limits;
  }

  /** Entries kept. */
  get size(): number {
    this.expire();
    return this.next - this.first;
  }

  /**
   * Keeps a response under the name of its transaction.
   *
   * @returns how many had to go before their time
   */
  keep(branch: string, sentBy: string, method: string, head: string, body: Uint8Array): number {
    const name = nameOf(branch, sentBy, method);
    const length = name.length + head.length + body.length;
    if (length > segmentOctets) return 0;
    const shed = this.makeRoom();
    const entry = this.next++;
    const { index } = this;
    const at = entry & index.mask;
    const start = this.log.reserve(length);
    const segment = this.log.segmentOf(start);
    this.codec.writeLatin1(name + head, segment, offsetOf(start));
    if (body.length > 0) segment.set(body, offsetOf(start) + length - body.length);
    index.starts[at] = start;
    index.nameLengths[at] = name.length;
    index.lengths[at] = length;
    index.due[at] = this.clock.now() + this.limits.wait;
    index.link(entry, hashOf(this.seed, branch, sentBy, method));
    this.cancelSweep ??= this.clock.after(this.limits.wait, this.sweep);
    return shed;
  }

  /** A copy of the response that is kept under a name. */
  find(branch: string, sentBy: string, method: string): Uint8Array | undefined {
    const { index } = this;
    const hash = hashOf(this.seed, branch, sentBy, method);
    for (let entry = index.heads[hash & index.mask] ?? nobody; entry >= this.first;) {
      const at = entry & index.mask;
      if (index.hashes[at] === hash && this.isNamed(at, nameOf(branch, sentBy, method))) return this.responseAt(at);
      entry = index.before[at] ?? nobody;
    }
    return undefined;
  }

  /** Forgets everything. */
  clear(): void {
    this.cancelSweep?.();
    this.cancelSweep = undefined;
    this.first = this.next;
    this.index = new Index(leastEntries);
    this.log.clear();
  }

  private isNamed(at: number, name: string): boolean {
    const { starts, nameLengths, due } = this.index;
    const [start = 0, length = 0] = [starts[at], nameLengths[at]];
    if (length !== name.length || (due[at] ?? 0) <= this.clock.now()) return false;
    const offset = offsetOf(start);
    return this.codec.decodeLatin1(this.log.segmentOf(start), offset, offset + length) === name;
  }

  private responseAt(at: number): Uint8Array {
    const { starts, nameLengths, lengths } = this.index;
    const [start = 0, nameLength = 0, length = 0] = [starts[at], nameLengths[at], lengths[at]];
    const offset = offsetOf(start);
    return this.log.segmentOf(start).slice(offset + nameLength, offset + length);
  }

  private makeRoom(): number {
    const { entries, octets } = this.limits;
    let shed = 0;
    for (; this.next > this.first && (this.next - this.first >= entries || this.log.room > octets); shed++) {
      this.forgetOldest();
    }
    if (this.next - this.first > this.index.mask) this.grow();
    return shed;
  }

  private forgetOldest(): void {
    this.first++;
    if (this.first < this.next) this.log.release(this.index.starts[this.first & this.index.mask] ?? 0);
    else this.log.clear();
  }

  private grow(): void {
    const old = this.index;
    const index = new Index(2 * (old.mask + 1));
    for (let entry = this.first; entry < this.next; entry++) {
      const [from, to] = [entry & old.mask, entry & index.mask];
      index.due[to] = old.due[from] ?? 0;
      index.starts[to] = old.starts[from] ?? 0;
      index.nameLengths[to] = old.nameLengths[from] ?? 0;
      index.lengths[to] = old.lengths[from] ?? 0;
      index.link(entry, old.hashes[from] ?? 0);
    }
    this.index = index;
  }

  private expire(): void {
    const now = this.clock.now();
    while (this.first < this.next && (this.index.due[this.first & this.index.mask] ?? 0) <= now) this.forgetOldest();
  }

  private readonly sweep = (): void => {
    this.cancelSweep = undefined;
    this.expire();
    if (this.first === this.next) this.clear();
    else this.cancelSweep = this.clock.after(grain, this.sweep);
  };
}

/** Text by which a response is found. A sent-by has no line breaks, nor has a method: no two names are the same text. */
function nameOf(branch: string, sentBy: string, method: string): string {
  return `${branch}\n${sentBy}\n${method}`;
}
