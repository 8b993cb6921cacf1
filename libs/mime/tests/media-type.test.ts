import { unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mediaEssence, parameterOf, parseMediaType, sameMediaType, serialiseMediaType } from '../src/index.ts';
import { vectorRows } from './vectors.ts';

const token = fc.stringMatching(/^[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]{1,12}$/);
const lowerToken = token.map((text) => text.toLowerCase());
const quotable = fc.stringMatching(/^[\t -~]{0,20}$/);
const mediaType = fc.record({
  type: lowerToken,
  subtype: lowerToken,
  parameters: fc.uniqueArray(fc.record({ name: lowerToken, value: fc.oneof(token, quotable) }), {
    selector: ({ name }) => name,
    maxLength: 8,
  }),
});

describe('Content-Type (RFC 2045 §5.1)', () => {
  it.each(vectorRows('rfc2045/valid/content-type.txt'))('reads %s', (text, canonical) => {
    expect(serialiseMediaType(unwrap(parseMediaType(text)))).toBe(canonical);
  });

  it.each(vectorRows('rfc2045/invalid/content-type.txt'))('refuses %s', (text, rule) => {
    expect(parseMediaType(text)).toMatchObject({ ok: false, error: { kind: 'ParseError', rule } });
  });

  it('compares type, subtype and attribute without case, and values with it', () => {
    const a = unwrap(parseMediaType('Text/PLAIN; Charset=UTF-8; x=Y'));
    expect(mediaEssence(a)).toBe('text/plain');
    expect(sameMediaType(a, unwrap(parseMediaType('text/plain;x="Y";charset=utf-8')))).toBe(true);
    expect(sameMediaType(a, unwrap(parseMediaType('text/plain;x=y;charset=utf-8')))).toBe(false);
    expect(parameterOf(a, 'charset')).toBe('UTF-8');
  });

  it('passes over comments, nested and unclosed ones included (RFC 5322 §3.2.2)', () => {
    expect(unwrap(parseMediaType('(a(b\\)) text) text / plain (x) ; a=b (c')).parameters).toEqual([
      { name: 'a', value: 'b' },
    ]);
  });

  it('refuses more parameters than the limit', () => {
    const many = Array.from({ length: 33 }, (_, i) => `;a${i}=b`).join('');
    expect(parseMediaType(`text/plain${many}`)).toMatchObject({ error: { message: 'too many parameters' } });
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(mediaType, (value) => {
        expect(unwrap(parseMediaType(serialiseMediaType(value)))).toEqual(value);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof parseMediaType(text).ok === 'boolean'));
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('text', '/', ';', '=', '"', '\\', '(', ')', ' ', '\r\n', '*')),
        (pieces) => typeof parseMediaType(pieces.join('')).ok === 'boolean',
      ),
    );
  });
});
