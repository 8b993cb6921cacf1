import { encodeUtf8, unwrap } from '@parley/prelude';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Disposition, Imdn, WritableImdn } from '../src/index.ts';
import { answeredBy, imdnXmlNamespace, readImdn, serialiseImdn } from '../src/index.ts';
import { vector, vectors } from './vectors.ts';

const dispositions: readonly Disposition[] = [
  ...(['delivered', 'failed', 'forbidden', 'error'] as const).map((status) => ({ type: 'delivery', status }) as const),
  ...(['processed', 'stored', 'forbidden', 'error'] as const).map(
    (status) => ({ type: 'processing', status }) as const,
  ),
  ...(['displayed', 'forbidden', 'error'] as const).map((status) => ({ type: 'display', status }) as const),
];

const read = (name: string) => unwrap(readImdn(vector('valid', name)));

describe('the payload of a notification (RFC 5438 §11.1)', () => {
  it('is what liblinphone sends, without recipient-uri and with a reason of its own', () => {
    expect(read('liblinphone-delivered.xml')).toEqual({
      messageId: '0hQF8w-zC2aK',
      dateTime: '2026-11-21T10:14:57Z',
      disposition: { type: 'delivery', status: 'delivered' },
    });
    expect(read('liblinphone-error.xml')).toMatchObject({
      disposition: { type: 'delivery', status: 'error' },
      note: { text: 'Not acceptable here' },
    });
  });

  it('may have any prefix, and elements of extensions', () => {
    expect(read('prefixed.xml')).toEqual({
      messageId: '34jk324j',
      dateTime: '2008-04-04T12:16:49-05:00',
      disposition: { type: 'display', status: 'displayed' },
    });
  });

  it('may have a status of an extension, or no disposition, which then is none that anybody knows (§11.1.7)', () => {
    expect(read('unknown-status.xml')).not.toHaveProperty('disposition');
    expect(read('without-notification.xml')).not.toHaveProperty('disposition');
  });

  it('has only statuses that belong to its type', () => {
    const displayed = encodeUtf8(
      `<imdn xmlns="${imdnXmlNamespace}"><message-id>1</message-id><delivery-notification><status><displayed/></status></delivery-notification></imdn>`,
    );
    expect(unwrap(readImdn(displayed))).toEqual({ messageId: '1' });
  });

  it.each(vectors('invalid', '.xml'))('is refused: %s', (name) => {
    expect(readImdn(vector('invalid', name)).ok).toBe(false);
  });

  it('is written in the order of the schema, the note behind as an extension (§11.1.9)', () => {
    const octets = serialiseImdn({
      messageId: '34jk324j',
      dateTime: '2008-04-04T12:16:49-05:00',
      recipientUri: 'im:bob@example.com',
      originalRecipientUri: 'im:list@example.com',
      subject: { text: 'Noël', language: 'fr' },
      disposition: { type: 'delivery', status: 'failed' },
      note: { text: '<too late>', language: 'en' },
    });
    expect(Buffer.from(octets).toString()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<imdn xmlns="urn:ietf:params:xml:ns:imdn">' +
        '<message-id>34jk324j</message-id><datetime>2008-04-04T12:16:49-05:00</datetime>' +
        '<recipient-uri>im:bob@example.com</recipient-uri>' +
        '<original-recipient-uri>im:list@example.com</original-recipient-uri><subject xml:lang="fr">Noël</subject>' +
        '<delivery-notification><status><failed/></status></delivery-notification>' +
        '<note xmlns="urn:parley:params:xml:ns:imdn-note" xml:lang="en">&lt;too late&gt;</note></imdn>\n',
    );
  });

  it('takes the note where drafts of the RFC had it, and the language from around it', () => {
    const octets = encodeUtf8(
      `<imdn xmlns="${imdnXmlNamespace}" xml:lang="de"><message-id>1</message-id><note>zu spät</note></imdn>`,
    );
    expect(unwrap(readImdn(octets)).note).toEqual({ text: 'zu spät', language: 'de' });
  });

  it('is read back as it was written', () => {
    const visible = fc.stringMatching(/^[!-~]{1,20}$/);
    const words = fc.stringMatching(/^[!-~é€]([ -~é€]{0,18}[!-~é€])?$/);
    const local = fc.record({ text: words, language: fc.constantFrom('en', 'fr-CA') }, { requiredKeys: ['text'] });
    const arbitrary: fc.Arbitrary<WritableImdn> = fc.record(
      {
        messageId: visible,
        dateTime: visible,
        recipientUri: visible,
        originalRecipientUri: visible,
        subject: local,
        disposition: fc.constantFrom(...dispositions),
        note: local,
      },
      { requiredKeys: ['messageId', 'dateTime', 'disposition'] },
    );
    fc.assert(
      fc.property(arbitrary, (imdn) => {
        expect(unwrap(readImdn(serialiseImdn(imdn)))).toEqual<Imdn>(imdn);
      }),
    );
  });

  it('lets no input throw, nor take long', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readImdn(bytes).ok).toBe(false);
      }),
    );
    expect(readImdn(encodeUtf8(`<imdn xmlns="${imdnXmlNamespace}">${'<a>'.repeat(20_000)}`)).ok).toBe(false);
    expect(readImdn(new Uint8Array(1_000_000)).ok).toBe(false);
  });
});

describe('what a disposition answers (RFC 5438 §7.1.1.3)', () => {
  it('is positive-delivery for delivered alone, and negative-delivery for all else of delivery', () => {
    expect(dispositions.map(answeredBy)).toEqual([
      'positive-delivery',
      'negative-delivery',
      'negative-delivery',
      'negative-delivery',
      ...Array<string>(4).fill('processing'),
      ...Array<string>(3).fill('display'),
    ]);
  });
});
