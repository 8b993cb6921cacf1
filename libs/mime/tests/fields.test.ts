import { Fault, portableCodec, unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cidUrl,
  decodeText,
  defaultMimeLimits,
  encodeText,
  fieldValue,
  parseCidUrl,
  parseContentDisposition,
  parseContentId,
  parseFields,
  parseMimeHead,
  serialiseContentDisposition,
  serialiseContentId,
  serialiseFields,
  withField,
} from '../src/index.ts';
import { latin1, octets } from './vectors.ts';

const name = fc.stringMatching(/^[!-9;-~]{1,10}$/);
const value = fc.stringMatching(/^([!-~\x80-\xff]([\t -~\x80-\xff]{0,20}[!-~\x80-\xff])?)?$/);

describe('MIME header fields', () => {
  it('unfold, keeping the white space of the fold (RFC 5322 §2.2.3)', () => {
    expect(parseFields('A: b;\r\n c=d\r\nE :\tf \r\n')).toEqual({
      ok: true,
      value: [
        { name: 'A', value: 'b; c=d' },
        { name: 'E', value: 'f' },
      ],
    });
  });

  it('keep every octet of UTF-8, A0 included', () => {
    expect(parseFields('Subject: caf\xc3\xa0')).toMatchObject({ value: [{ value: 'caf\xc3\xa0' }] });
    expect(decodeText('caf\xc3\xa0')).toBe('cafà');
  });

  it.each(['no colon', ': empty', 'a b: c', 'A: b\rc', 'A: \0'])('refuse %j', (line) => {
    expect(parseFields(line)).toMatchObject({ ok: false, error: { kind: 'ParseError' } });
  });

  it('are found without regard to case', () => {
    const fields = [{ name: 'Content-type', value: 'a/b' }];
    expect(fieldValue(fields, 'CONTENT-TYPE')).toBe('a/b');
    expect(fieldValue(fields, 'Content-ID')).toBeUndefined();
  });

  it('are replaced in place, once', () => {
    const fields = [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
      { name: 'a', value: '3' },
    ];
    expect(withField(fields, 'a', '4')).toEqual([
      { name: 'a', value: '4' },
      { name: 'B', value: '2' },
    ]);
    expect(withField(fields, 'C', '5')).toHaveLength(4);
  });

  it('are not written when a value would smuggle in another line', () => {
    expect(() => serialiseFields([{ name: 'A', value: 'b\r\nC: d' }])).toThrow(Fault);
    expect(() => serialiseFields([{ name: 'A: b', value: '' }])).toThrow(Fault);
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ name, value })), (fields) => {
        expect(unwrap(parseFields(serialiseFields(fields)))).toEqual(fields);
      }),
    );
  });
});

describe('a MIME head at the front of a stream', () => {
  const whole = octets('A: b\r\nC: d\r\n e\r\n\r\nbody');

  it('is incomplete until its blank line is there, and then always the same', () => {
    for (let length = 0; length <= whole.length; length++) {
      const scan = unwrap(parseMimeHead(whole.subarray(0, length)));
      expect(scan.complete).toBe(length >= whole.length - 4);
      if (scan.complete) expect(scan.end).toBe(whole.length - 4);
    }
  });

  it.each(['A: b\n\nbody', 'A: b\r\n\nbody', 'A: b\n\r\nbody\r\n\r\n', '\r\nbody', '\nbody'])(
    'ends at the blank line of %j',
    (text) => {
      const scan = unwrap(parseMimeHead(octets(text)));
      expect(scan.complete && latin1(octets(text).subarray(scan.end)).startsWith('body')).toBe(true);
    },
  );

  it('is refused when it outgrows its limits', () => {
    const long = octets(`A: ${'b'.repeat(defaultMimeLimits.maxHeadOctets)}`);
    expect(parseMimeHead(long)).toMatchObject({ ok: false, error: { rule: 'fields' } });
    const many = octets('A: b\r\n'.repeat(65) + '\r\n');
    expect(parseMimeHead(many)).toMatchObject({ ok: false, error: { message: 'too many header fields' } });
    expect(parseMimeHead(many, 0, portableCodec, { ...defaultMimeLimits, maxFields: 65 }).ok).toBe(true);
  });

  it('never makes the parser throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(40), (bytes, from) => typeof parseMimeHead(bytes, from).ok === 'boolean'),
    );
  });
});

describe('Content-Disposition (RFC 2183 §2)', () => {
  it('is read and written', () => {
    const text = 'Recipient-List; handling=optional';
    const disposition = unwrap(parseContentDisposition(text));
    expect(disposition).toEqual({ type: 'recipient-list', parameters: [{ name: 'handling', value: 'optional' }] });
    expect(serialiseContentDisposition(disposition)).toBe('recipient-list;handling=optional');
    expect(parseContentDisposition('; a=b')).toMatchObject({ error: { rule: 'disposition-type' } });
    expect(parseContentDisposition('a b')).toMatchObject({ error: { rule: 'parameter' } });
  });
});

describe('Content-ID (RFC 2045 §7) and cid URLs (RFC 2392 §2)', () => {
  it('name the same part', () => {
    const id = unwrap(parseContentId(' <foo4%25foo1@bar.net> '));
    expect(serialiseContentId(id)).toBe('<foo4%25foo1@bar.net>');
    expect(cidUrl(id)).toBe('cid:foo4%2525foo1@bar.net');
    expect(unwrap(parseCidUrl(cidUrl(id)))).toBe(id);
  });

  it.each(['foo@bar.net', '<foo>', '<a b@c>', ''])('refuse %j', (text) => {
    expect(parseContentId(text)).toMatchObject({ error: { rule: 'id' } });
    expect(parseCidUrl(text)).toMatchObject({ error: { rule: 'cid-url' } });
  });
});

describe('text of a header value', () => {
  it('comes back from its octets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeText(encodeText(text))).toBe(text);
      }),
    );
  });
});
