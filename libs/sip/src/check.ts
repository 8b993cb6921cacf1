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
import { faultIn, read } from './read.ts';
import { parseUri } from './uri/parse-uri.ts';

const mandatory: readonly HeaderDefinition<unknown>[] = [from, to, callId, cSeq, via];
const once: readonly HeaderDefinition<unknown>[] = [from, to, callId, cSeq, maxForwards];
const repeated = 'expected From, To, Call-ID, CSeq and Max-Forwards at most once';

/** What is read of every message, by the numbers of the names. */
const relied: readonly (HeaderDefinition<unknown> | undefined)[] = byNumber([via, ...once]);
/** Fields that come at most once, as bits by their numbers. */
const singletons = once.reduce((bits, { id = 0 }) => bits | (1 << id), 0);

function byNumber(definitions: readonly HeaderDefinition<unknown>[]): (HeaderDefinition<unknown> | undefined)[] {
  const table: (HeaderDefinition<unknown> | undefined)[] = [];
  for (let id = 0; id <= fieldId.maxForwards; id++) table.push(definitions.find((definition) => definition.id === id));
  return table;
}

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

/** One pass over the lines: what was read stays with each line, so that nobody reads it again. */
function checkCommon(message: SipMessage): Result<void, PeerViolation> {
  let seen = 0;
  for (const line of message.fields.lines) {
    const definition = relied[line.id];
    if (definition === undefined) continue;
    const bit = 1 << line.id;
    if ((seen & bit & singletons) !== 0) return violation('RFC 3261 §7.3.1', repeated);
    seen |= bit;
    const fault = faultIn(line, definition);
    if (fault !== undefined) return bad(fault);
  }
  for (const { id = 0, name } of mandatory) {
    if ((seen & (1 << id)) === 0) return violation('RFC 3261 §8.1.1', `expected ${name}`);
  }
  return ok(undefined);
}

function bad(error: ParseError): Result<never, PeerViolation> {
  return violation(error.section, `${error.rule}: ${error.message}`);
}

function violation(section: string, message: string): Result<never, PeerViolation> {
  return err(peerViolation(400, section, message));
}
