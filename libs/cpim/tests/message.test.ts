import { Fault, unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cpimFrom,
  cpimHeader,
  cpimSubjects,
  cpimTextHeader,
  cpimTo,
  createCpim,
  dateTimeAt,
  imdnNamespace,
  parseCpim,
  requiredFeatures,
  serialiseCpim,
  serialiseCpimHead,
  unescapeValue,
} from '../src/index.ts';
import { nativeCodec } from './native-codec.ts';
import { latin1, octets, vector } from './vectors.ts';

describe('a Message/CPIM object (RFC 3862 §2)', () => {
  it.each(['5.1-example', 'liblinphone-text', 'liblinphone-imdn', 'no-angle-brackets'])(
    'is written octet for octet as it was read: %s (§2.2)',
    (name) => {
      const bytes = vector(`rfc3862/valid/${name}.cpim`);
      expect(latin1(serialiseCpim(unwrap(parseCpim(bytes, nativeCodec)), nativeCodec))).toBe(latin1(bytes));
    },
  );

  it('has a body that is a view into the message', () => {
    const bytes = octets('From: <im:a@b>\r\n\r\nContent-Type: text/plain\r\n\r\n\0\xff');
    const { body } = unwrap(parseCpim(bytes)).content;
    expect(body.buffer).toBe(bytes.buffer);
    expect([...body]).toEqual([0, 255]);
  });

  it('may end before the wrapped entity has a body', () => {
    expect(unwrap(parseCpim(octets('From: <im:a@b>\r\n\r\nContent-Type: text/plain\r\n'))).content.body).toHaveLength(
      0,
    );
  });

  it('tells where the wrapped entity is malformed', () => {
    expect(parseCpim(octets('A: b\r\n\r\nno colon\r\n\r\n'))).toMatchObject({
      error: { rule: 'field-name', offset: 8 },
    });
  });

  it('reads back whatever is created', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    fc.assert(
      fc.property(text, text, text, fc.uint8Array({ maxLength: 30 }), (formalName, subject, value, body) => {
        const message = createCpim(
          {
            from: { formalName, uri: 'sip:alice@example.com' },
            to: [{ uri: 'sip:bob@example.com' }, { uri: 'sip:carol@example.com' }],
            dateTime: dateTimeAt(0),
            subjects: [{ text: subject }, { text: subject, language: 'en' }],
            extensions: [{ prefix: 'imdn', namespace: imdnNamespace, headers: [['Message-ID', value]] }],
            require: ['imdn.Message-ID'],
          },
          'text/plain',
          body,
        );
        const parsed = unwrap(parseCpim(serialiseCpim(message)));
        expect(parsed.head).toEqual(message.head);
        expect([...parsed.content.body]).toEqual([...body]);
        expect(unwrap(cpimFrom(parsed.head)).formalName ?? '').toBe(formalName);
        expect(unwrap(cpimTo(parsed.head))).toHaveLength(2);
        expect(cpimSubjects(parsed.head)).toEqual([{ text: subject }, { text: subject, language: 'en' }]);
        expect(requiredFeatures(parsed.head)).toEqual([{ namespace: imdnNamespace, name: 'Message-ID' }]);
        const messageId = cpimHeader(parsed.head, imdnNamespace, 'Message-ID')?.value ?? '';
        expect(unescapeValue(Buffer.from(messageId, 'latin1').toString())).toBe(value);
      }),
    );
  });

  it('is not written when a header would smuggle in another line', () => {
    expect(() => serialiseCpimHead({ headers: [{ name: 'A', parameters: '', value: 'b\r\nFrom: c' }] })).toThrow(Fault);
    expect(cpimTextHeader('A', 'b\r\nc').value).toBe('b\\r\\nc');
  });
});
