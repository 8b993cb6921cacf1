import { unwrap } from '@parley/prelude';
import { parseSipMessage } from '@parley/sip';
import type { SipRequest } from '@parley/sip';

/** A request with the least that every one has, and the lines given. */
export function requestWith(startLine: string, lines: readonly string[] = []): SipRequest {
  const method = startLine.split(' ', 1)[0] ?? '';
  const head = [
    `${startLine} SIP/2.0`,
    'Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKclient',
    'From: <sip:alice@localhost>;tag=a',
    'To: <sip:bob@localhost>',
    'Call-ID: c1',
    `CSeq: 1 ${method}`,
    ...lines,
  ];
  const message = unwrap(parseSipMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n`)));
  if (message.kind !== 'request') throw new Error('expected a request');
  return message;
}
