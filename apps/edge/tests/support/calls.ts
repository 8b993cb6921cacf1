import type { SipRequest } from '@parley/sip';
import { readRaw, readRawAll } from '@parley/sip';
import type { Phone } from './phone.ts';

/** The CSeq number of a request. */
export function sequenceOf(request: SipRequest): string {
  return (readRaw(request, 'CSeq') ?? '').split(' ')[0] ?? '';
}

/** The CANCEL of a call to Bob, read off the INVITE as it arrived. */
export function cancelOf(caller: Phone, invite: SipRequest): string {
  const via = (readRawAll(invite, 'Via')[1] ?? '').replace(/;rport=\d+/, ';rport').replace(/;received=[^;]+/, '');
  const instead = { Via: via, CSeq: `${sequenceOf(invite)} CANCEL` };
  return caller.write('CANCEL', 'sip:bob@localhost', { instead });
}
