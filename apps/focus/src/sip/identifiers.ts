import { field, read } from '@parley/sip';
import type { SipRequest } from '@parley/sip';

/** Tag of From; empty: none. */
export function fromTagOf(request: SipRequest): string {
  const from = read(request, field.from);
  return (from.ok ? from.value?.tag : undefined) ?? '';
}

/** Tag of To; undefined: none, as of a request outside of dialogs. */
export function toTagOf(request: SipRequest): string | undefined {
  const to = read(request, field.to);
  return to.ok ? to.value?.tag : undefined;
}

/** Number of CSeq. */
export function sequenceOf(request: SipRequest): number {
  const cSeq = read(request, field.cSeq);
  return (cSeq.ok ? cSeq.value?.sequence : undefined) ?? 0;
}
