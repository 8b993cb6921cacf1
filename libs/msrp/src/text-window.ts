import type { ByteCodec } from '@parley/prelude';

/**
 * A stretch of the incoming octets as text. Heads are searched and cut in it, and many small messages share one.
 *
 * @note Strings cut out of it keep all of it alive: what outlives it goes through `ownText`.
 */
export class TextWindow {
  /** Characters of the octets from {@link start} to {@link end}, one each. */
  text = '';
  /** Offset of the first octet, in the array loaded last. */
  start = 0;
  /** Offset behind the last octet. */
  end = 0;
  readonly #codec: ByteCodec;
  readonly #size: number;

  constructor(codec: ByteCodec, size: number) {
    this.#codec = codec;
    this.#size = size;
  }

  /** Moves the window to `at`. */
  load(bytes: Uint8Array, at: number): void {
    this.start = at;
    this.end = Math.min(bytes.length, at + this.#size);
    this.text = this.#codec.decodeLatin1(bytes, this.start, this.end);
  }

  /** Whether the octet at `at` is in the window. */
  covers(at: number): boolean {
    return at >= this.start && at < this.end;
  }

  /** Lets go of the text. */
  clear(): void {
    this.start = 0;
    this.end = 0;
    this.text = '';
  }
}
