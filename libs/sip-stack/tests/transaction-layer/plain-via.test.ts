import fc from 'fast-check';
import { createRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { readTopVia } from '../../src/index.ts';
import { plainVia } from '../../src/transaction-layer/plain-via.ts';

function topVia(...vias: readonly string[]): ReturnType<typeof readTopVia> {
  return readTopVia(
    createRequest({ method: 'MESSAGE', requestUri: 'sip:b@c', fields: vias.map((via) => ['Via', via]) }),
  );
}

describe('a Via that is written plainly', () => {
  it('falls into protocol, sent-by and parameters', () => {
    expect(plainVia('SIP/2.0/UDP a.example:5060;rport;branch=z9hG4bKa')).toEqual({
      protocol: 'SIP/2.0/UDP',
      sentBy: 'a.example:5060',
      parameters: ';rport;branch=z9hG4bKa',
    });
    expect(plainVia('SIP/2.0/TCP [2001:db8::1]')).toMatchObject({ sentBy: '[2001:db8::1]', parameters: '' });
  });

  it.each([
    'SIP/2.0/UDP a, SIP/2.0/UDP b',
    'SIP / 2.0 / UDP a',
    'SIP/2.0/UDP a;x="y"',
    'SIP/2.0/UDP\ta',
    'a',
    ' a',
    '',
  ])('is not: %j', (text) => {
    expect(plainVia(text)).toBeUndefined();
  });

  it('is nothing but a cut of its text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', ';', '=', ',', '"', '\t', '/') }), (text) => {
        const cut = plainVia(text);
        if (cut !== undefined) expect(`${cut.protocol} ${cut.sentBy}${cut.parameters}`).toBe(text);
      }),
    );
  });
});

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

  it('names the transaction of a branch in base64, so that it can be refused', () => {
    expect(topVia('SIP/2.0/UDP a;branch=z9hG4bKab==;rport')?.branch).toBe('z9hG4bKab');
  });

  it('is nothing where the Via cannot be read', () => {
    expect(topVia('SIP/2.0/UDP ;branch=z9hG4bKa')).toBeUndefined();
    expect(topVia()).toBeUndefined();
  });
});
