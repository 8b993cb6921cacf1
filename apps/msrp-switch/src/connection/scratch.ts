/** Octets that are joined without a buffer of their own; most turns of a socket fit. */
const scratchBytes = 256 * 1024;

/** Where what leaves in one write is joined. */
export class Scratch {
  private octets = Buffer.allocUnsafeSlow(scratchBytes);

  /** Somewhere to join so many octets; to be given to {@link keep} when a write still needs it. */
  space(octets: number): Buffer {
    return octets <= scratchBytes ? this.octets : Buffer.allocUnsafeSlow(octets);
  }

  /** Leaves a buffer to the write that did not finish at once. */
  keep({ buffer }: Buffer): void {
    if (buffer === this.octets.buffer) this.octets = Buffer.allocUnsafeSlow(scratchBytes);
  }
}
