import { unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cpimCc,
  cpimDateTime,
  cpimFrom,
  cpimSubjects,
  cpimTo,
  dateTimeAt,
  escapeValue,
  headerParameter,
  parseCpim,
  parseCpimAddress,
  parseDateTime,
  serialiseCpimAddress,
  unescapeValue,
  wallTimeOf,
} from '../src/index.ts';
import { octets, vector } from './vectors.ts';

const head = (text: string) => unwrap(parseCpim(octets(`${text}\r\n\r\n`))).head;

describe('the example of RFC 3862 §5.1', () => {
  const example = unwrap(parseCpim(vector('rfc3862/valid/5.1-example.cpim')));

  it('says who, to whom, when and about what', () => {
    expect(unwrap(cpimFrom(example.head))).toEqual({ formalName: 'MR SANDERS', uri: 'im:piglet@100akerwood.com' });
    expect(unwrap(cpimTo(example.head))).toEqual([
      { formalName: 'Depressed Donkey', uri: 'im:eeyore@100akerwood.com' },
    ]);
    expect(unwrap(cpimCc(example.head))).toEqual([]);
    expect(unwrap(cpimDateTime(example.head))).toBe('2000-12-13T13:40:00-08:00');
    expect(cpimSubjects(example.head)).toEqual([
      { text: 'the weather will be fine today' },
      { text: "beau temps prevu pour aujourd'hui", language: 'fr' },
    ]);
  });

  it('wraps an entity', () => {
    expect(example.content.fields.map(({ name }) => name)).toEqual(['Content-type', 'Content-ID']);
    expect(Buffer.from(example.content.body).toString()).toMatch(/^<body>/);
  });
});

describe('From, To and cc (RFC 3862 §4.1 to §4.3)', () => {
  it.each([
    ['<im:tigger@100akerwood.com>', { uri: 'im:tigger@100akerwood.com' }],
    ['Winnie the Pooh <im:pooh@x>', { formalName: 'Winnie the Pooh', uri: 'im:pooh@x' }],
    ['"Pooh <the> \\"Bear\\""<im:pooh@x>', { formalName: 'Pooh <the> "Bear"', uri: 'im:pooh@x' }],
    ['"Pooh" <im:pooh@x>', { formalName: 'Pooh', uri: 'im:pooh@x' }],
    ['J\xc3\xbcrgen <im:j@x>', { formalName: 'Jürgen', uri: 'im:j@x' }],
    ['', undefined],
    ['<>', undefined],
    ['<im:a@b', undefined],
    ['<im:a@b> x', undefined],
    ['"open <im:a@b>', undefined],
    ['"closed" im:a@b', undefined],
    ['<no-scheme>', undefined],
    ['some words', undefined],
  ])('reads %j', (value, address) => {
    const parsed = parseCpimAddress(value);
    expect(parsed.ok ? parsed.value : undefined).toEqual(address);
  });

  it('take a URI without angle brackets, without crashing on anything', () => {
    const { head: bare } = unwrap(parseCpim(vector('rfc3862/valid/no-angle-brackets.cpim')));
    expect(unwrap(cpimTo(bare))).toEqual([{ uri: 'sip:room@chat.example.com' }]);
    expect(cpimTo(head('To: no brackets'))).toMatchObject({ ok: false, error: { rule: 'From-header' } });
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => typeof parseCpimAddress(value).ok === 'boolean'));
  });

  it('read back what they write, whatever the name', () => {
    const uri = fc.stringMatching(/^[a-z]{1,5}:[!#-;=?-~]{1,20}$/);
    const formalName = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(fc.oneof(fc.record({ uri }), fc.record({ uri, formalName })), (address) => {
        expect(unwrap(parseCpimAddress(serialiseCpimAddress(address)))).toEqual(address);
      }),
    );
  });

  it('let there be several To, but one From', () => {
    expect(unwrap(cpimTo(head('To: <im:a@b>\r\nTo: <im:c@d>')))).toHaveLength(2);
    expect(cpimFrom(head('From: <im:a@b>\r\nFrom: <im:c@d>'))).toMatchObject({ ok: false });
    expect(cpimFrom(head('To: <im:a@b>'))).toMatchObject({ ok: false });
  });
});

describe('DateTime (RFC 3862 §4.4)', () => {
  it('is there once and well-formed', () => {
    expect(cpimDateTime(head('DateTime: 2001-02-01T12:16:49-05:00'))).toMatchObject({ ok: true });
    expect(cpimDateTime(head('DateTime: yesterday'))).toMatchObject({ error: { rule: 'date-time' } });
    expect(cpimDateTime(head('To: <im:a@b>'))).toMatchObject({ error: { rule: 'DateTime-header' } });
  });

  it.each([
    ['1985-04-12T23:20:50.52Z', 482196050520],
    ['1996-12-19T16:39:57-08:00', 851042397000],
    ['1990-12-31T23:59:60Z', 662688000000],
    ['1990-12-31T15:59:60-08:00', 662688000000],
    ['1937-01-01T12:00:27.87+00:20', -1041337172130],
    ['2000-02-29t00:00:00z', 951782400000],
  ])('knows the instant of %s (RFC 3339 §5.8)', (text, wallTime) => {
    expect(wallTimeOf(unwrap(parseDateTime(text)))).toBe(wallTime);
  });

  it.each([
    '2001-02-29T00:00:00Z',
    '2001-13-01T00:00:00Z',
    '2001-00-01T00:00:00Z',
    '2001-04-31T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2001-01-00T00:00:00Z',
    '2001-01-01T24:00:00Z',
    '2001-01-01T00:60:00Z',
    '2001-01-01T00:00:61Z',
    '2001-01-01T00:00:00+24:00',
    '2001-01-01T00:00:00+00:60',
    '2001-01-01T00:00:00',
    '2001-01-01 00:00:00Z',
    '2001-1-1T00:00:00Z',
    '',
  ])('refuses %j', (text) => {
    expect(parseDateTime(text)).toMatchObject({ error: { rule: 'date-time' } });
  });

  it('writes every instant as the runtime does, and reads it back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (wallTime) => {
        const text = dateTimeAt(wallTime);
        expect(text).toBe(new Date(wallTime).toISOString().replace('.000Z', 'Z'));
        expect(wallTimeOf(unwrap(parseDateTime(text)))).toBe(wallTime);
      }),
    );
  });
});

describe('escapes (RFC 3862 §2.3)', () => {
  it.each([
    ['\\\\', '\\'],
    ['\\"\\\'', '"\''],
    ['\\b\\t\\n\\r', '\b\t\n\r'],
    ['\\u0041\\u00e9', 'Aé'],
    ['\\x\\u12', 'xu12'],
    ['end\\', 'end'],
    ['plain', 'plain'],
  ])('reads %j', (value, text) => {
    expect(unescapeValue(value)).toBe(text);
  });

  it('escapes control characters and backslashes and nothing else (§2.3.1)', () => {
    expect(escapeValue('\0\b\t\n\r\x1f\x7f\\"\'é')).toBe('\\u0000\\b\\t\\n\\r\\u001f\\u007f\\\\"\'é');
  });

  it('reads back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unescapeValue(escapeValue(text))).toBe(text);
      }),
    );
  });
});

describe('header parameters (RFC 3862 §3.6)', () => {
  it('are tokens, numbers or strings', () => {
    const header = { name: 'X', parameters: ';lang=fr;n=1;s="a;lang=de \\" b"', value: '' };
    expect(headerParameter(header, 'lang')).toBe('fr');
    expect(headerParameter(header, 'n')).toBe('1');
    expect(headerParameter(header, 's')).toBe('a;lang=de " b');
    expect(headerParameter(header, 'absent')).toBeUndefined();
  });
});
