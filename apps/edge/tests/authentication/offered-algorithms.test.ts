import { unwrap } from '@parley/prelude';
import { parseSipMessage } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { offeredAlgorithms } from '../../src/authentication/offered-algorithms.ts';

function requestOf(agent: string, branch = 'z9hG4bKk3j2l1'): SipRequest {
  const lines = [
    'REGISTER sip:localhost SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:5070;branch=${branch}`,
    'From: <sip:alice@localhost>;tag=1',
    'To: <sip:alice@localhost>',
    'Call-ID: a',
    'CSeq: 1 REGISTER',
    ...(agent === '' ? [] : [`User-Agent: ${agent}`]),
    'Content-Length: 0',
  ];
  const message = unwrap(parseSipMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)));
  if (message.kind !== 'request') throw new Error('expected a request');
  return message;
}

describe('Algorithms offered in a challenge', () => {
  it.each(['', 'Linphonec/5.1.65', 'baresip v3.12.0 (x86_64/Linux)', 'baresip v4.0.0 (x86_64/Linux)'])(
    'MUST be in the order of preference for %j (RFC 8760 §2.3)',
    (agent) => {
      expect(offeredAlgorithms(requestOf(agent))).toEqual(['SHA-256', 'MD5']);
    },
  );

  it.each(['baresip v1.0.0 (x86_64/linux)', 'baresip v3.9.0 (x86_64/Linux)', 'sipsak 0.9.8.1', 'SIPp/3.6'])(
    'are MD5 alone for %s, which gives up at SHA-256',
    (agent) => {
      expect(offeredAlgorithms(requestOf(agent))).toEqual(['MD5']);
    },
  );

  it.each(['z9hG4bK-12728-1-0', 'z9hG4bK.77f467c1'])('are MD5 alone for %s, a branch of SIPp or sipsak', (branch) => {
    expect(offeredAlgorithms(requestOf('', branch))).toEqual(['MD5']);
  });

  it('are both for the branches of linphone', () => {
    expect(offeredAlgorithms(requestOf('', 'z9hG4bK.TOc4E4QQm'))).toEqual(['SHA-256', 'MD5']);
  });
});
