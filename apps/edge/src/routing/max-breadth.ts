import type { HeaderLine, SipRequest } from '@parley/sip';
import { field, headerLine, read, withLines } from '@parley/sip';

/** Branches that one request may have at a time, where it says nothing or asks for more. @spec RFC 5393 §5.3.3 */
const mostBreadth = 60;

/** The line of every breadth. */
const lines = Array.from({ length: mostBreadth + 1 }, (_, breadth) => headerLine(field.maxBreadth, breadth));

/** Branches that the request may have at the same time, here and behind us. */
export function breadthOf(request: SipRequest): number {
  const breadth = read(request, field.maxBreadth);
  return Math.min(breadth.ok ? (breadth.value ?? mostBreadth) : mostBreadth, mostBreadth);
}

/**
 * The request as each of so many parallel branches takes it: with an equal share of its breadth.
 *
 * @param branches - 1 to {@link breadthOf}
 * @spec RFC 5393 §5.3.3
 */
export function withBreadth(request: SipRequest, branches: number): SipRequest {
  return withLines(request, [breadthLine(request, branches)]);
}

/** The line that {@link withBreadth} puts in. */
export function breadthLine(request: SipRequest, branches: number): HeaderLine {
  const share = Math.max(1, Math.floor(breadthOf(request) / branches));
  return lines[share] ?? headerLine(field.maxBreadth, share);
}
