import { createRequest, readRaw, readRawAll } from '@parley/sip';
import type { RawField, SipMessage, SipRequest, SipResponse } from '@parley/sip';

function copied(message: SipMessage, name: string): RawField[] {
  return readRawAll(message, name).map((value) => [name, value]);
}

/** First value of the top Via line: the one that the client transaction put there. */
function topVia(request: SipRequest): RawField {
  return ['Via', readRaw(request, 'Via') ?? ''];
}

function sequenceNumber(request: SipRequest): string {
  return (readRaw(request, 'CSeq') ?? '').split(/[ \t]/, 1)[0] ?? '';
}

function sameHop(request: SipRequest, method: string, to: SipMessage): SipRequest {
  const fields = [
    topVia(request),
    ...copied(request, 'Route'),
    ['Max-Forwards', '70'] as const,
    ...copied(request, 'From'),
    ...copied(to, 'To'),
    ...copied(request, 'Call-ID'),
    ['CSeq', `${sequenceNumber(request)} ${method}`] as const,
  ];
  return createRequest({ method, requestUri: request.requestUri, fields });
}

/** The ACK of a response of 300 to 699, which the transaction itself sends. @spec RFC 3261 §17.1.1.3 */
export function createNon2xxAck(invite: SipRequest, response: SipResponse): SipRequest {
  return sameHop(invite, 'ACK', response);
}

/**
 * The CANCEL of a request that was sent.
 *
 * @param request - as it was sent, with our Via on top in a line of its own
 * @spec RFC 3261 §9.1
 */
export function createCancel(request: SipRequest): SipRequest {
  return sameHop(request, 'CANCEL', request);
}
