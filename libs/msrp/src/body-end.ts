import { flagOf } from './end-line.ts';
import type { ContinuationFlag } from './request-head.ts';

const cr = 0x0d;
const lf = 0x0a;

/** The octets that end one body: `CRLF "-------" transact-id`, then a flag and CRLF. */
export class BodyEnd {
  /** The part before the flag, as text of one character per octet. */
  readonly text: string;
  /** Octets of the whole sequence. */
  readonly length: number;
  #bytes: Uint8Array | undefined;

  constructor(transactionId: string) {
    this.text = `\r\n-------${transactionId}`;
    this.length = this.text.length + 3;
  }

  /** {@link text} as octets; made only when a body outgrows what was decoded with its head. */
  get bytes(): Uint8Array {
    if (this.#bytes === undefined) {
      this.#bytes = new Uint8Array(this.text.length);
      for (let i = 0; i < this.text.length; i++) this.#bytes[i] = this.text.charCodeAt(i);
    }
    return this.#bytes;
  }

  /**
   * Compares `source` from `at` with the sequence, up to `end`.
   *
   * @returns the flag when all of it is there, `more` when the source ends inside it, undefined when it differs
   */
  match(source: Uint8Array, at: number, end: number): ContinuationFlag | 'more' | undefined {
    const { bytes } = this;
    const compared = Math.min(bytes.length, end - at);
    for (let i = 0; i < compared; i++) if (source[at + i] !== bytes[i]) return undefined;
    return compared < bytes.length ? 'more' : matchTail(source, at + compared, end);
  }
}

/** The part of {@link BodyEnd.match} behind the transaction identifier. */
export function matchTail(source: Uint8Array, at: number, end: number): ContinuationFlag | 'more' | undefined {
  if (at >= end) return 'more';
  const flag = flagOf(source[at] ?? 0);
  if (flag === undefined) return undefined;
  if (at + 1 >= end) return 'more';
  if (source[at + 1] !== cr) return undefined;
  if (at + 2 >= end) return 'more';
  return source[at + 2] === lf ? flag : undefined;
}
