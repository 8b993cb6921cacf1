import type { Refusal } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { createResponseTo, field, reasonPhrase } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';

/** A refusal with the header fields that tell the peer what would have been taken. */
export interface SipRefusal extends Refusal {
  readonly fields: readonly RawField[];
}

/** Builds a {@link SipRefusal} with the phrase of its status code. */
export function sipRefusal(status: number, message: string, fields: readonly RawField[] = []): SipRefusal {
  return { ...refusal(status, reasonPhrase(status), message), fields };
}

/** Name under which the focus warns; its host is nobody's business. */
const agent = 'parley';

/** A Warning for people; 399 stands for all that has no code of its own. @spec RFC 3261 §20.43 */
export function warningField(code: number, text: string): RawField {
  return ['Warning', field.warning.serialise({ code, agent, text })];
}

/** A refusal of policy as SIP says it: with a Warning that gives the reason. */
export function withWarning(reason: Refusal): SipRefusal {
  const { retryAfter } = reason;
  const later: readonly RawField[] = retryAfter === undefined ? [] : [['Retry-After', String(retryAfter)]];
  return { ...reason, fields: [warningField(399, reason.message), ...later] };
}

/** The final response that refuses a request. @param toTag - for a request outside of a dialog (RFC 3261 §8.2.6.2) */
export function refuse(request: SipRequest, { status, phrase, fields }: SipRefusal, toTag?: string): SipResponse {
  return createResponseTo(request, status, phrase, { toTag, fields });
}
