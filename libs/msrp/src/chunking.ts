import type { ByteRange } from './byte-range.ts';
import type { ContinuationFlag } from './request-head.ts';

/** Octets up to which a chunk need not be interruptible, and below which only the last one should be. @spec RFC 4975 §7.1.1 */
export const interruptibleAbove = 2048;

/** One chunk to send. */
export interface ChunkPlan {
  readonly byteRange: ByteRange;
  /** Octets of the body. */
  readonly length: number;
  /** Flag of its end-line, when it is sent to its end. */
  readonly flag: ContinuationFlag;
}

/** What is left of a message, seen from the next octet to send. */
export interface Remainder {
  /** Octets sent before. */
  readonly sent: number;
  /** Octets at hand to send now. */
  readonly available: number;
  /** Octets of the whole message; `*` when its end is not known yet. */
  readonly total: number | '*';
  /** With an unknown total: whether nothing follows what is at hand. */
  readonly last?: boolean;
}

/**
 * The next chunk: everything at hand up to `size` octets. Above 2048 octets its range-end is `*`, and the sender must
 * be ready to interrupt it ({@link interruptedFlag}) when something else waits for the connection.
 *
 * @param size - octets; 2048 gives small fixed chunks, Infinity as few chunks as possible (recommended)
 * @spec RFC 4975 §5.1, §7.1.1
 */
export function planChunk(remainder: Remainder, size: number): ChunkPlan {
  const { sent, available, total } = remainder;
  const length = Math.min(available, size);
  const isLast = total === '*' ? remainder.last === true && length === available : sent + length >= total;
  const end = length > interruptibleAbove ? '*' : sent + length;
  return { byteRange: { start: sent + 1, end, total }, length, flag: isLast ? '$' : '+' };
}

/** Chunks of a message whose size is known, in Byte-Range order; one without content for an empty message. */
export function* planChunks(total: number, size: number): Generator<ChunkPlan, void, undefined> {
  for (let sent = 0; ;) {
    const chunk = planChunk({ sent, available: total - sent, total }, size);
    yield chunk;
    sent += chunk.length;
    if (sent >= total) return;
  }
}

/** Flag for a chunk broken off before its end: `+` when the rest follows later, `#` when the message is given up. */
export function interruptedFlag(resumes: boolean): ContinuationFlag {
  return resumes ? '+' : '#';
}
