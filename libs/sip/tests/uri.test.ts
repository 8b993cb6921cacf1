import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '@parley/prelude';
import { canonicalNumber, equalUris, escapeUser, parseUri, serialiseUri, unescapeUri } from '../src/index.ts';
import { uri } from './arbitraries.ts';
import { failure } from './support.ts';

const equal = (a: string, b: string): boolean => equalUris(unwrap(parseUri(a)), unwrap(parseUri(b)));

describe('SIP and SIPS URIs (RFC 3261 §19.1.1)', () => {
  it.each([
    ['sip:alice@atlanta.com', { user: 'alice', host: 'atlanta.com' }],
    ['sip:alice:secretword@atlanta.com;transport=tcp', { user: 'alice', password: 'secretword' }],
    ['sips:alice@atlanta.com?subject=project%20x&priority=urgent', { scheme: 'sips', host: 'atlanta.com' }],
    ['sip:+1-212-555-1212:1234@gateway.com;user=phone', { user: '+1-212-555-1212', password: '1234' }],
    ['sips:1212@gateway.com', { user: '1212' }],
    ['sip:alice@192.0.2.4', { host: '192.0.2.4' }],
    ['sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com', { host: 'atlanta.com' }],
    ['sip:alice;day=tuesday@atlanta.com', { user: 'alice;day=tuesday' }],
    ['SIP:[2001:db8::1]:5061', { scheme: 'sip', host: '[2001:db8::1]', port: 5061 }],
    ['sip:a@host.example.', { host: 'host.example.' }],
  ])('reads %s', (text, parts) => {
    expect(unwrap(parseUri(text))).toMatchObject({ kind: 'sip', ...parts });
  });

  it.each([
    'sip:',
    'sip:@example.com',
    'sip:a@',
    'sip:a b@example.com',
    'sip:a@b:99999',
    'sip:a@b:',
    'sip:a@b:5060x',
    'sip:a%4@b',
    'sip:a@b;;lr',
    'sip:a@b;x=',
    'sip:a@b;lr;lr',
    'sip:a@b?x',
    'sip:a@b?=x',
    'sip:a@-b',
    'sip:a@b-.com',
    'sip:a@b..com',
    'sip:a@300.1.1.1',
    'sip:a@1.2.3',
    'sip:a@[::1',
    'sip:a@[1:2:3:4:5:6:7:8:9]',
    'sip:a@[1::2::3]',
    'sip:a@[::g]',
    'sip:a@b@c',
    'sip:\u00e9@b',
    'no-colon',
    '1sip:a@b',
    '',
    'http:',
    'http:a b',
    'im:example.com',
    'im:@example.com',
    'tel:911',
    'tel:+',
    'tel:+1;ext=',
  ])('refuses %j', (text) => {
    expect(failure(parseUri(text))).toMatchObject({ kind: 'ParseError' });
  });

  it('gives back what it wrote', () => {
    fc.assert(
      fc.property(uri, (value) => {
        expect(unwrap(parseUri(serialiseUri(value)))).toEqual(value);
        expect(equalUris(value, value)).toBe(true);
      }),
    );
  });

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('sip:', 'tel:', 'im:', 'x:', ''),
        fc.string({ unit: 'binary-ascii' }),
        (scheme, rest) => {
          expect(typeof parseUri(scheme + rest).ok).toBe('boolean');
        },
      ),
    );
  });

  it('escapes what a user part cannot hold, and takes it off again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        expect(unescapeUri(escapeUser(name))).toBe(name);
        expect(parseUri(`sip:${escapeUser(name)}@b`).ok).toBe(true);
      }),
    );
  });
});

describe('comparison of SIP URIs (RFC 3261 §19.1.4)', () => {
  it.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['sip:a@[2001:db8::1]', 'sip:a@[2001:DB8:0:0::0:1]'],
    ['sip:a@[::ffff:192.0.2.1]', 'sip:a@[::ffff:c000:201]'],
  ])('MUST find %s and %s equivalent', (a, b) => {
    expect(equal(a, b)).toBe(true);
    expect(equal(b, a)).toBe(true);
  });

  it.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:a@b', 'sips:a@b'],
    ['sip:a@b', 'sip:b'],
    ['sip:a@b', 'sip:a:x@b'],
    ['sip:a@b', 'sip:a@b;maddr=c'],
    ['sip:a@b', 'sip:a@b;user=phone'],
    ['sip:a@b', 'sip:a@b;ttl=1'],
    ['sip:a@b', 'sip:a@b;method=INVITE'],
    ['sip:a%2Fb@c', 'sip:a/b@c'],
    ['sip:a@b', 'im:a@b'],
  ])('MUST NOT find %s and %s equivalent', (a, b) => {
    expect(equal(a, b)).toBe(false);
    expect(equal(b, a)).toBe(false);
  });
});

describe('tel URIs (RFC 3966)', () => {
  it.each([
    ['tel:+1-201-555-0123', 'tel:+1(201)555.0123'],
    ['tel:+1234;ext=5;isub=1', 'tel:+1234;isub=1;ext=5'],
    ['tel:7042;phone-context=example.com', 'tel:70-42;phone-context=EXAMPLE.com'],
    ['tel:863-1234;phone-context=+1-914-555', 'tel:8631234;phone-context=+1914555'],
  ])('MUST find %s and %s equivalent (§4)', (a, b) => {
    expect(equal(a, b)).toBe(true);
  });

  it.each([
    ['tel:+1234', 'tel:1234;phone-context=a.b'],
    ['tel:+1234', 'tel:+1234;ext=1'],
    ['tel:7042;phone-context=a.b', 'tel:7042;phone-context=a.c'],
  ])('MUST NOT find %s and %s equivalent (§4)', (a, b) => {
    expect(equal(a, b)).toBe(false);
  });

  it('takes visual separators out (§5.1.1)', () => {
    expect(canonicalNumber('+1-(201).555')).toBe('+1201555');
  });
});
