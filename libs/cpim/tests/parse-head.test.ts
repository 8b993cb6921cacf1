import { portableCodec, unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCpimLimits, parseCpim, parseCpimHead } from '../src/index.ts';
import { nativeCodec } from './native-codec.ts';
import { latin1, octets, vector } from './vectors.ts';

const example = vector('rfc3862/valid/5.1-example.cpim');

describe('message headers at the front of a stream (RFC 3862 §2.2)', () => {
  it('are incomplete until the blank line is there, and the same however many octets follow', () => {
    const whole = parseCpimHead(example);
    const end = latin1(example).indexOf('\r\n\r\n') + 4;
    for (let length = 0; length <= example.length; length++) {
      const scan = parseCpimHead(example.subarray(0, length));
      if (length < end) expect(scan).toEqual({ ok: true, value: { complete: false } });
      else expect(scan).toEqual(whole);
    }
    expect(whole).toMatchObject({ value: { end } });
  });

  it('keep name, parameters and value exactly, in order', () => {
    const scan = unwrap(parseCpimHead(example, nativeCodec));
    expect(scan.complete && scan.value.headers.slice(3, 5)).toEqual([
      { name: 'Subject', parameters: '', value: 'the weather will be fine today' },
      { name: 'Subject', parameters: ';lang=fr', value: "beau temps prevu pour aujourd'hui" },
    ]);
  });

  it('may be empty', () => {
    expect(parseCpimHead(octets('\r\nContent-Type: a/b'))).toEqual({
      ok: true,
      value: { complete: true, value: { headers: [] }, end: 2 },
    });
  });

  it('may lack the space behind a colon, and keep further ones', () => {
    const scan = unwrap(parseCpimHead(octets('To:<im:a@b>\r\nSubject:  x \r\nEmpty:\r\n\r\n')));
    expect(scan.complete && scan.value.headers.map(({ value }) => value)).toEqual(['<im:a@b>', ' x ', '']);
  });

  it('may have parameters with spaces inside quotes', () => {
    const scan = unwrap(parseCpimHead(octets('Subject:;x="a \\" b";lang=en c d\r\n\r\n')));
    expect(scan.complete && scan.value.headers[0]).toEqual({
      name: 'Subject',
      parameters: ';x="a \\" b";lang=en',
      value: 'c d',
    });
  });

  it.each([
    ['name-with-space', 'Header-name'],
    ['two-dots-in-name', 'Header-name'],
    ['control-character', 'HEADERCHAR'],
    ['bare-line-feed', 'HEADERCHAR'],
    ['no-blank-line', 'message-headers'],
  ])('are refused in %s', (name, rule) => {
    expect(parseCpim(vector(`rfc3862/invalid/${name}.cpim`))).toMatchObject({ ok: false, error: { rule } });
  });

  it('are refused when they outgrow the limits', () => {
    const long = octets(`Subject: ${'x'.repeat(defaultCpimLimits.maxHeadOctets)}\r\n\r\n`);
    expect(parseCpimHead(long)).toMatchObject({ ok: false, error: { rule: 'message-headers' } });
    const many = octets(`${'A: b\r\n'.repeat(257)}\r\n`);
    expect(parseCpimHead(many)).toMatchObject({ ok: false, error: { message: 'too many headers' } });
    expect(parseCpimHead(many, portableCodec, { ...defaultCpimLimits, maxHeaders: 257 }).ok).toBe(true);
  });

  it('never make the parser throw, and mean the same to every codec', () => {
    const pieces = fc.array(fc.constantFrom('From', ':', ';', ' ', '"', '\\', '\r\n', '\n', '<', '>', 'NS', '.', 'é'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          pieces.map((all) => octets(all.join(''))),
        ),
        (bytes) => {
          expect(parseCpim(bytes, nativeCodec)).toEqual(parseCpim(bytes));
        },
      ),
    );
  });
});
