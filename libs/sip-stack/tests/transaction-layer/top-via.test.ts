import { createRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { readTopVia } from '../../src/index.ts';

function topVia(...vias: readonly string[]): ReturnType<typeof readTopVia> {
  return readTopVia(
    createRequest({ method: 'MESSAGE', requestUri: 'sip:b@c', fields: vias.map((via) => ['Via', via]) }),
  );
}

describe('what matching needs of the top Via (RFC 3261 §17.2.3)', () => {
  it('is branch and sent-by, however the value is written', () => {
    const expected = { branch: 'z9hG4bKa', sentBy: 'a.example:5060' };
    expect(topVia('SIP/2.0/UDP A.example:5060;branch=z9hG4bKa;rport', 'SIP/2.0/UDP b')).toEqual(expected);
    expect(topVia('SIP / 2.0 / UDP a.example : 5060 ; branch = z9hG4bKa')).toEqual(expected);
    expect(topVia('SIP/2.0/UDP a.example:5060;BRANCH=z9hG4bKa')).toEqual(expected);
    expect(topVia('SIP/2.0/UDP a.example:5060;branch=z9hG4bKa,SIP/2.0/UDP b;branch=z9hG4bKb')).toEqual(expected);
  });

  it('has no branch where an element of RFC 2543 left it out', () => {
    expect(topVia('SIP/2.0/UDP a.example')).toEqual({ branch: undefined, sentBy: 'a.example' });
  });

  it('is nothing where the Via cannot be read', () => {
    expect(topVia('SIP/2.0/UDP ;branch=z9hG4bKa')).toBeUndefined();
    expect(topVia('SIP/2.0/UDP a;branch=z9hG4bKab==;rport')).toBeUndefined();
    expect(topVia()).toBeUndefined();
  });
});
