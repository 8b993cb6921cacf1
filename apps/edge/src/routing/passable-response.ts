import type { SipRequest, SipResponse } from '@parley/sip';
import { createResponseTo, field, readRaw, withRawField } from '@parley/sip';

/**
 * What may go back of a response from which our Via is taken. One that lost the Vias of the request was meant for us and is
 * not forwarded: in its place goes a response of our own with the same status, or 502 for a 2xx that says nothing without
 * the rest of what it held. Undefined: nothing goes back.
 *
 * @param request - as it came, without a Via where we made it ourselves
 * @spec RFC 3261 §16.7 (3)
 */
export function passableResponse(request: SipRequest, response: SipResponse): SipResponse | undefined {
  if (readRaw(response, field.via) !== undefined || readRaw(request, field.via) === undefined) return response;
  const { statusCode } = response;
  if (statusCode < 200) return undefined;
  const own = createResponseTo(request, statusCode < 300 && request.method !== 'MESSAGE' ? 502 : statusCode);
  const to = readRaw(response, 'To');
  return to === undefined ? own : withRawField(own, 'To', to);
}
