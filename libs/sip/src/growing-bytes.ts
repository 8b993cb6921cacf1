import { noBytes } from '@parley/prelude';

/** Least room taken, in octets: a head of usual size. */
const leastRoom = 1024;

/**
 * Octets that wait for more. Room doubles, so that n octets cost n copies whatever the size of the pieces. Room that
 * was handed out in views is never written to again.
 */
export class GrowingBytes {
  #room: Uint8Array = noBytes;
  #length = 0;

  /** Octets held. */
  get length(): number {
    return this.#length;
  }

  /** All octets after adding some; a view that the next `append` may leave behind. */
  append(bytes: Uint8Array): Uint8Array {
    this.#reserve(this.#length + bytes.length);
    this.#room.set(bytes, this.#length);
    this.#length += bytes.length;
    return this.#room.subarray(0, this.#length);
  }

  /** Holds what stands in `bytes` from `from` on, in room of its own; `expected` is how many octets are to come. */
  restart(bytes: Uint8Array, from: number, expected: number): void {
    const rest = bytes.subarray(from);
    this.clear();
    if (rest.length === 0) return;
    this.#reserve(Math.max(rest.length, Math.min(expected, 4 * rest.length)));
    this.append(rest);
  }

  /** Holds nothing any more. */
  clear(): void {
    this.#room = noBytes;
    this.#length = 0;
  }

  #reserve(octets: number): void {
    if (octets <= this.#room.length) return;
    const room = new Uint8Array(Math.max(leastRoom, octets, 2 * this.#room.length));
    room.set(this.#room.subarray(0, this.#length));
    this.#room = room;
  }
}
