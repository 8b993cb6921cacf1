import { unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, decodedBody, decodeQuotedPrintable, encodeBase64, parseTransferEncoding } from '../src/index.ts';
import { latin1, octets } from './vectors.ts';

const entity = (encoding: string, body: string) => ({
  fields: [{ name: 'Content-Transfer-Encoding', value: encoding }],
  body: octets(body),
});

describe('Content-Transfer-Encoding (RFC 2045 §6)', () => {
  it('leaves identity encodings untouched, without a copy', () => {
    const plain = entity('BINARY', 'abc');
    expect(unwrap(decodedBody(plain))).toBe(plain.body);
    expect(unwrap(decodedBody({ fields: [], body: plain.body }))).toBe(plain.body);
  });

  it('undoes base64 and quoted-printable', () => {
    expect(latin1(unwrap(decodedBody(entity('base64', 'YWJj\r\n'))))).toBe('abc');
    expect(latin1(unwrap(decodedBody(entity('Quoted-Printable', 'a=3Db'))))).toBe('a=b');
  });

  it('MUST treat an unknown encoding as one it cannot undo (§6.4)', () => {
    expect(parseTransferEncoding('x-uuencode')).toMatchObject({ error: { rule: 'mechanism' } });
    expect(decodedBody(entity('x-uuencode', ''))).toMatchObject({ ok: false });
  });
});

describe('base64 (RFC 2045 §6.8)', () => {
  it('is what the runtime makes of it, in lines of 76', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = latin1(encodeBase64(bytes));
        expect(text.replaceAll('\r\n', '')).toBe(Buffer.from(bytes).toString('base64'));
        expect(text.split('\r\n').every((line) => line.length <= 76)).toBe(true);
        expect([...decodeBase64(octets(text))]).toEqual([...bytes]);
      }),
    );
  });

  it('passes over what is outside its alphabet', () => {
    expect(latin1(decodeBase64(octets('Y W\tJ*j=ignored')))).toBe('abc');
  });
});

describe('quoted-printable (RFC 2045 §6.7)', () => {
  it.each([
    [
      "Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
      "Now's the time for all folk to come to the aid of their country.",
    ],
    ['a =20 \r\nb', 'a  \r\nb'],
    ['trailing  ', 'trailing'],
    ['soft= \t\nbreak=', 'softbreak'],
    ['=C3=bc', '\xc3\xbc'],
    ['=ZZ=4', '=ZZ=4'],
  ])('reads %j', (body, text) => {
    expect(latin1(decodeQuotedPrintable(octets(body)))).toBe(text);
  });

  it('never throws, and never grows', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('=', '3', 'D', ' ', '\r\n', '\n', 'x')), (pieces) => {
        const body = octets(pieces.join(''));
        expect(decodeQuotedPrintable(body).length).toBeLessThanOrEqual(body.length);
      }),
    );
  });
});
