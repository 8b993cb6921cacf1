import type { ContinuationFlag } from '@parley/msrp';

/** Octets of a message that lie side by side and are not forwarded; those of one chunk, or of chunks that follow each other. */
export class Stretch {
  /** Position of the first octet; positions begin at 1. */
  start: number;
  octets = 0;
  /** How the chunk ended that came last; `+` while it comes in. */
  flag: ContinuationFlag = '+';
  private pieces: Uint8Array[] = [];

  constructor(start: number) {
    this.start = start;
  }

  /** Position of the last octet; that before {@link start} when there is none. */
  get end(): number {
    return this.start + this.octets - 1;
  }

  hold(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.octets += bytes.length;
  }

  /** What is held, in one piece. */
  gathered(): Uint8Array {
    const [first] = this.pieces;
    if (this.pieces.length === 1 && first !== undefined) return first;
    const whole = Buffer.concat(this.pieces, this.octets);
    this.pieces = [whole];
    return whole;
  }

  /** Takes out what is held; what comes next follows it. */
  release(): Uint8Array[] {
    const { pieces } = this;
    this.skip(this.octets);
    this.pieces = [];
    this.octets = 0;
    return pieces;
  }

  /** Passes over the next octets of the message. */
  skip(octets: number): void {
    this.start += octets;
  }
}
