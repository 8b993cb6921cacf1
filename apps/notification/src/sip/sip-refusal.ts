import type { Refusal } from '@parley/prelude';
import { refusal } from '@parley/prelude';
import { createResponseTo, field, reasonPhrase } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';

/** A refusal with the header fields that tell the subscriber what would have been taken. */
export interface SipRefusal extends Refusal {
  readonly fields: readonly RawField[];
}

/** Builds a {@link SipRefusal} with the phrase of its status code. */
export function sipRefusal(status: number, message: string, fields: readonly RawField[] = []): SipRefusal {
  return { ...refusal(status, reasonPhrase(status), message), fields };
}

/** What the focus says of a room, handed on with its reason in a Warning. @spec RFC 3261 §20.43 */
export function handedOn({ status, message, retryAfter }: Refusal): SipRefusal {
  const warning = field.warning.serialise({ code: 399, agent: 'parley', text: message });
  const later: readonly RawField[] =
    retryAfter === undefined || retryAfter === 0 ? [] : [['Retry-After', String(retryAfter)]];
  const isFinal = status >= 400 && status < 700;
  return sipRefusal(isFinal ? status : 500, message, [['Warning', warning], ...later]);
}

/** The final response that refuses. @param toTag - for a request outside of a dialog */
export function refuse(request: SipRequest, { status, phrase, fields }: SipRefusal, toTag?: string): SipResponse {
  return createResponseTo(request, status, phrase, { toTag, fields });
}
