import type { ParseError, PeerViolation, Result } from '@parley/prelude';
import { err, ok, peerViolation } from '@parley/prelude';
import { from, to } from './fields/address.ts';
import { cSeq } from './fields/c-seq.ts';
import { callId } from './fields/call-id.ts';
import { maxForwards } from './fields/numbers.ts';
import { via } from './fields/via.ts';
import { fieldId } from './field-names.ts';
import type { HeaderDefinition } from './header-definition.ts';
import type { SipMessage, SipRequest, SipResponse } from './message.ts';
import { read, readAll } from './read.ts';
import { parseUri } from './uri/parse-uri.ts';

/** Fields that come once in every message. */
const once: readonly HeaderDefinition<unknown>[] = [from, to, callId, cSeq];
/** Fields that come at most once, as bits by their numbers. */
const singletons =
  (1 << fieldId.from) | (1 << fieldId.to) | (1 << fieldId.callId) | (1 << fieldId.cSeq) | (1 << fieldId.maxForwards);

/**
 * Whether a request has what every element relies on: each mandatory field once and well-formed, all of Via, a CSeq of
 * its method, a Request-URI. A missing Max-Forwards passes, as RFC 3261 §16.3 wants for peers of RFC 2543.
 *
 * @spec RFC 3261 §8.1.1, §16.3; RFC 4475 §3.1.2, §3.3
 */
export function checkRequest(request: SipRequest): Result<void, PeerViolation> {
  const uri = parseUri(request.requestUri);
  if (!uri.ok) return bad(uri.error);
  if (uri.value.kind === 'sip' && uri.value.headers.length > 0) {
    return violation('RFC 3261 §19.1.1', 'expected a Request-URI without headers');
  }
  const common = checkCommon(request);
  if (!common.ok) return common;
  const hops = read(request, maxForwards);
  if (!hops.ok) return bad(hops.error);
  const sequence = read(request, cSeq);
  if (sequence.ok && sequence.value?.method !== request.method) {
    return violation('RFC 3261 §8.1.1.5', 'expected the method of the request in CSeq');
  }
  return ok(undefined);
}

/**
 * Whether a response has what its transaction relies on; one that has not is dropped, so the status only names the fault.
 *
 * @spec RFC 3261 §8.1.3, §18.1.2
 */
export function checkResponse(response: SipResponse): Result<void, PeerViolation> {
  return checkCommon(response);
}

function checkCommon(message: SipMessage): Result<void, PeerViolation> {
  const twice = repeated(message);
  if (twice) return violation('RFC 3261 §7.3.1', 'expected From, To, Call-ID, CSeq and Max-Forwards at most once');
  for (const definition of once) {
    const value = read(message, definition);
    if (!value.ok) return bad(value.error);
    if (value.value === undefined) return violation('RFC 3261 §8.1.1', `expected ${definition.name}`);
  }
  const vias = readAll(message, via);
  if (!vias.ok) return bad(vias.error);
  return vias.value.length === 0 ? violation('RFC 3261 §8.1.1', 'expected Via') : ok(undefined);
}

function repeated(message: SipMessage): boolean {
  let seen = 0;
  for (const { id } of message.fields.lines) {
    const bit = id <= fieldId.maxForwards ? singletons & (1 << id) : 0;
    if ((seen & bit) !== 0) return true;
    seen |= bit;
  }
  return false;
}

function bad(error: ParseError): Result<never, PeerViolation> {
  return violation(error.section, `${error.rule}: ${error.message}`);
}

function violation(section: string, message: string): Result<never, PeerViolation> {
  return err(peerViolation(400, section, message));
}
