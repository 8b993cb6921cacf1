import { createRequest, createResponseTo } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';

let count = 0;

/** A request without Via, as a transaction user hands it over. */
export function request(method: string, more: readonly RawField[] = [], callId = `call-${++count}`): SipRequest {
  return createRequest({
    method,
    requestUri: 'sip:bob@example.net',
    fields: [
      ['Max-Forwards', '70'],
      ['From', '<sip:alice@example.net>;tag=a1'],
      ['To', '<sip:bob@example.net>'],
      ['Call-ID', callId],
      ['CSeq', `1 ${method}`],
      ...more,
    ],
  });
}

/** The answer that a UAS would give. */
export function answer(to: SipRequest, status: number): SipResponse {
  return createResponseTo(to, status, undefined, { toTag: 'b1' });
}
