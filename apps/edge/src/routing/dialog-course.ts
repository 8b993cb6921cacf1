import type { FlowEnd } from '../flows/flow-token.ts';

/** Which way a request within a dialog goes, by the tokens that it brought. */
export type DialogCourse =
  /** To an end of ours; from another one of ours, or from beyond where that is undefined. */
  | { readonly kind: 'to'; readonly end: FlowEnd; readonly from: FlowEnd | undefined }
  /** From an end of ours to wherever the rest of Route, or the Request-URI, leads. */
  | { readonly kind: 'onward'; readonly from: FlowEnd }
  /** Between two ends of ours, and it came from neither: whoever it is has to prove to be the first. */
  | { readonly kind: 'unproved'; readonly end: FlowEnd; readonly from: FlowEnd }
  /** To an end whose dialog is with another end of ours, which the request does not name. */
  | { readonly kind: 'half' };

/**
 * Finds the course of a request. Its sender's own end comes first in its route set; where the only one is not the
 * sender's, the request comes from a party beyond our ends.
 *
 * @param ends - of the tokens of its Route, from the top
 * @param isSender - whether the request came from that end
 * @returns undefined when the request names no end of ours
 * @spec RFC 5626 §5.3.1
 */
export function courseOf(
  [first, second]: readonly FlowEnd[],
  isSender: (end: FlowEnd) => boolean,
): DialogCourse | undefined {
  if (first === undefined) return undefined;
  if (second === undefined) {
    if (isSender(first)) return { kind: 'onward', from: first };
    return first.isOfPair ? { kind: 'half' } : { kind: 'to', end: first, from: undefined };
  }
  return { kind: isSender(first) ? 'to' : 'unproved', end: second, from: first };
}
