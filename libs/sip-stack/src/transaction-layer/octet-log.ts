import { Fault, noBytes } from '@parley/prelude';

/** Most octets of one piece: more than a datagram holds. */
export const segmentOctets = 262_144;
/** Segments that are kept for later though none is in use. */
const leastSpares = 4;

/**
 * Octets that are kept in the order in which they came and let go in the same order, in segments outside the heap, so
 * that the collector of garbage never looks at them. Positions only rise. Segments serve again, and are shared memory,
 * which V8 does not weigh: what comes and goes outside the heap makes it collect the whole heap every second otherwise.
 */
export class OctetLog {
  private segments: Uint8Array[] = [];
  /** How many segments were let go before the first that is there. */
  private gone = 0;
  private end = 0;
  private readonly spares: Uint8Array[] = [];

  /** Octets of all segments. */
  get room(): number {
    return this.segments.length * segmentOctets;
  }

  /**
   * Room for a piece, behind all others.
   *
   * @param length - at most {@link segmentOctets}
   * @returns its position
   */
  reserve(length: number): number {
    if (length > segmentOctets) throw new Fault(`more octets than a segment has: ${length}`);
    const left = segmentOctets - (this.end % segmentOctets);
    const at = length > left ? this.end + left : this.end;
    this.end = at + length;
    if (this.end > (this.gone + this.segments.length) * segmentOctets) this.lengthen();
    return at;
  }

  /** The segment in which a position lies; its octet is at {@link offsetOf}. */
  segmentOf(position: number): Uint8Array {
    return this.segments[Math.floor(position / segmentOctets) - this.gone] ?? noBytes;
  }

  /** Lets go what stands before a position. */
  release(before: number): void {
    const first = Math.floor(before / segmentOctets);
    const released = this.segments.splice(0, Math.max(0, first - this.gone));
    this.gone += released.length;
    this.spares.push(...released);
    this.spares.length = Math.min(this.spares.length, this.segments.length + leastSpares);
  }

  /** Lets go everything. */
  clear(): void {
    this.segments = [];
    this.spares.length = 0;
    this.gone = Math.ceil(this.end / segmentOctets);
    this.end = this.gone * segmentOctets;
  }

  private lengthen(): void {
    this.segments.push(this.spares.pop() ?? new Uint8Array(new SharedArrayBuffer(segmentOctets)));
  }
}

/** Where a position lies in its segment. */
export function offsetOf(position: number): number {
  return position % segmentOctets;
}
