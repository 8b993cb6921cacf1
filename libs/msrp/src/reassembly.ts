import { err, ok, peerViolation } from '@parley/prelude';
import type { PeerViolation, Result } from '@parley/prelude';
import type { ContinuationFlag } from './request-head.ts';

/** Octets `start` to `end` of a message, both included, counted from 1. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Which octets of one message have come. Where they are kept is the caller's business. */
export interface Reassembly {
  /** Disjoint, in order, never touching each other. */
  readonly received: readonly Span[];
  /** Octets of the whole message; undefined until a total or the chunk with "$" told it. */
  readonly total: number | undefined;
  /** Whether a "#" gave the message up. */
  readonly aborted: boolean;
}

/** A chunk as it was received: its length counted in the payload, not read from range-end (RFC 4975 §7.3.1). */
export interface ReceivedChunk {
  /** range-start; 1 without a Byte-Range. */
  readonly start: number;
  /** Octets that came. */
  readonly length: number;
  /** Total of its Byte-Range. */
  readonly total: number | '*';
  readonly flag: ContinuationFlag;
}

/** Bounds on what a sender can make us remember. */
export interface ReassemblyLimits {
  /** Octets of a message; larger ones get 413. */
  readonly messageBytes: number;
  /** Holes between received spans; more get 413. */
  readonly spans: number;
}

/** Nothing received yet. */
export const emptyReassembly: Reassembly = { received: [], total: undefined, aborted: false };

/** Puts `span` among the others; linear in their number, which is bounded. */
function withSpan(spans: readonly Span[], span: Span): readonly Span[] {
  if (span.end < span.start) return spans;
  const before = spans.filter((other) => other.end < span.start - 1);
  const after = spans.filter((other) => other.start > span.end + 1);
  const touching = spans.slice(before.length, spans.length - after.length);
  const start = Math.min(span.start, touching[0]?.start ?? span.start);
  const end = Math.max(span.end, touching.at(-1)?.end ?? span.end);
  return [...before, { start, end }, ...after];
}

const tooLarge = (message: string): Result<never, PeerViolation> => err(peerViolation(413, 'RFC 4975 §14.5', message));
const contradiction = (message: string): Result<never, PeerViolation> =>
  err(peerViolation(400, 'RFC 4975 §7.3.1', message));

/**
 * Takes note of a chunk; chunks may come in any order, twice, and overlapping.
 *
 * @returns the new state, or 413 when a limit is passed, 400 when the totals contradict each other
 * @spec RFC 4975 §7.3.1: the chunk that ends with "$" defines the total length
 */
export function receiveChunk(
  state: Reassembly,
  chunk: ReceivedChunk,
  limits: ReassemblyLimits,
): Result<Reassembly, PeerViolation> {
  const end = chunk.start + chunk.length - 1;
  const announced = chunk.total === '*' ? state.total : (state.total ?? chunk.total);
  const total = chunk.flag === '$' ? end : announced;
  if (end > limits.messageBytes || (total ?? 0) > limits.messageBytes) {
    return tooLarge(`expected a message of at most ${limits.messageBytes} octets`);
  }
  const received = withSpan(state.received, { start: chunk.start, end });
  if (received.length > limits.spans) return tooLarge(`expected at most ${limits.spans} separate spans`);
  if (total !== undefined && (received.at(-1)?.end ?? 0) > total) {
    return contradiction('expected no octets behind the end of the message');
  }
  return ok({ received, total, aborted: state.aborted || chunk.flag === '#' });
}

/** Whether every octet of the message has come. */
export function isComplete(state: Reassembly): boolean {
  if (state.aborted || state.total === undefined) return false;
  if (state.total === 0) return true;
  const [first, ...others] = state.received;
  return first?.start === 1 && first.end === state.total && others.length === 0;
}
