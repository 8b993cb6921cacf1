const lf = 0x0a;
const cr = 0x0d;
const hyphen = 0x2d;

/**
 * Octets of a head that came in several pieces. Each octet is copied once and searched once, however small the pieces
 * are; the rule for the end of a head is that of `HeadScan`.
 */
export class PendingHead {
  /** Octets gathered; only the first {@link length} count. */
  bytes: Uint8Array;
  length = 0;
  #lineAt = 0;
  #searched = 0;

  constructor() {
    this.bytes = new Uint8Array(1024);
  }

  /** Adds octets `from` to `to` of `source`. */
  append(source: Uint8Array, from: number, to: number): void {
    const needed = this.length + to - from;
    if (needed > this.bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(source.subarray(from, to), this.length);
    this.length = needed;
  }

  /** Offset behind the head, or -1 while its end has not come. */
  end(): number {
    const { bytes } = this;
    for (;;) {
      const end = bytes.indexOf(lf, this.#searched);
      if (end === -1 || end >= this.length) {
        this.#searched = this.length;
        return -1;
      }
      const first = bytes[this.#lineAt];
      if (first === hyphen || first === lf || (first === cr && end === this.#lineAt + 1)) return end + 1;
      this.#lineAt = end + 1;
      this.#searched = end + 1;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.length = 0;
    this.#lineAt = 0;
    this.#searched = 0;
    if (this.bytes.length > 4096) this.bytes = new Uint8Array(1024);
  }
}
