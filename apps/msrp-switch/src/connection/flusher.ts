/** Something with octets to write. */
export interface Flushable {
  flush(): void;
}

/** Octets that are joined without a buffer of their own; most turns of a socket fit. */
const scratchBytes = 256 * 1024;

/** Writes what gathered in a turn of the event loop, once per socket, after all that came in has been looked at. */
export class Flusher {
  private dirty: Flushable[] = [];
  private scratch = Buffer.allocUnsafeSlow(scratchBytes);

  /** Has `queue` flushed at the end of this turn. */
  schedule(queue: Flushable): void {
    if (this.dirty.push(queue) === 1) setImmediate(this.run);
  }

  /** Somewhere to join `octets` into; to be given to {@link keep} when a write still needs it. */
  space(octets: number): Buffer {
    return octets <= scratchBytes ? this.scratch : Buffer.allocUnsafeSlow(octets);
  }

  /** Leaves a buffer to the write that did not finish at once. */
  keep(buffer: Buffer): void {
    if (buffer.buffer === this.scratch.buffer) this.scratch = Buffer.allocUnsafeSlow(scratchBytes);
  }

  private readonly run = (): void => {
    const queues = this.dirty;
    this.dirty = [];
    for (const queue of queues) queue.flush();
  };
}
