import { Fault, noBytes } from '@parley/prelude';

/** Most octets of one piece: more than a datagram holds. */
export const segmentOctets = 262_144;

/**
 * Octets that are kept in the order in which they came and let go in the same order, in segments outside the heap, so
 * that the collector of garbage never looks at them. Positions only rise.
 */
export class OctetLog {
  private segments: Uint8Array[] = [];
  /** How many segments were let go before the first that is there. */
  private gone = 0;
  private end = 0;
  private spare: Uint8Array | undefined;

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
    for (; this.gone < first && this.segments.length > 0; this.gone++) this.spare = this.segments.shift();
  }

  /** Lets go everything. */
  clear(): void {
    this.segments = [];
    this.spare = undefined;
    this.gone = Math.ceil(this.end / segmentOctets);
    this.end = this.gone * segmentOctets;
  }

  private lengthen(): void {
    this.segments.push(this.spare ?? new Uint8Array(segmentOctets));
    this.spare = undefined;
  }
}

/** Where a position lies in its segment. */
export function offsetOf(position: number): number {
  return position % segmentOctets;
}
