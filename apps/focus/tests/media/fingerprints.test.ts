import { decodeUtf8, encodeUtf8, unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import { readDescription } from '../../src/media/offer.ts';
import { answerOffer, describedSession } from '../../src/media/our-description.ts';
import { defaultPolicy } from '../../src/room/policy.ts';

const peers = 'sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF';
const ours = peers.replaceAll('4A', '5B');
const offer = [
  'v=0',
  'o=alice 1 1 IN IP4 atlanta.example.com',
  's=-',
  'c=IN IP4 atlanta.example.com',
  't=0 0',
  'm=message 7654 TCP/TLS/MSRP *',
  'a=accept-types:message/cpim',
  'a=path:msrps://atlanta.example.com:7654/jshA7weso3ks;tcp',
  `a=fingerprint:${peers}`,
  '',
].join('\r\n');

const opened = {
  switchInstance: 'switch-1',
  session: 'abc',
  path: ['msrps://127.0.0.1:2856/abc;tcp'],
  port: 2856,
  address: '127.0.0.1',
  fingerprints: [ours],
};

describe('Certificates that signed themselves (RFC 4975 §14.4, RFC 8122 §5)', () => {
  const description = unwrap(readDescription(encodeUtf8(offer)));
  const terms = { policy: defaultPolicy(1000), dialect: 'draft-03', sessionId: '1' } as const;
  const answer = answerOffer(description, new Map([[0, opened]]), terms);

  it('of a peer are known by the fingerprint in its description', () => {
    const [stream] = description.streams;
    expect(stream?.msrp.fingerprints.map((print) => `${print.hashFunction} ${print.fingerprint}`)).toEqual([peers]);
  });

  it('of the switch MUST be told in the answer, and again in what follows', () => {
    expect(decodeUtf8(answer)).toContain(`a=fingerprint:${ours}\r\n`);
    const again = describedSession(unwrap(readDescription(answer)).session, {
      index: 0,
      switchInstance: 'switch-1',
      session: 'abc',
    });
    expect(again?.fingerprints).toEqual([ours]);
  });
});
