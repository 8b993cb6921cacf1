import { decodeUtf8, portableCodec, unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { createRequest, readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentOf, withContent } from '../../src/lists/content.ts';
import { historyOf } from '../../src/lists/history.ts';
import { readListMessage } from '../../src/lists/list-message.ts';
import { mayHaveHistory, withoutHistory } from '../../src/lists/without-history.ts';
import { inflateUpTo } from '../../src/mailbox/inflate.ts';
import { listPart, multipart, textPart } from '../support/list-body.ts';
import type { Part } from '../support/list-body.ts';
import { deflateSync } from 'node:zlib';

const means = { codec: nodeBytes, inflate: inflateUpTo(10_000) };

function messageWith(body: Uint8Array, type = 'multipart/mixed;boundary=b1', encoding?: string): SipRequest {
  const fields: [string, string][] = [['Content-Type', type]];
  if (encoding !== undefined) fields.push(['Content-Encoding', encoding]);
  return createRequest({ method: 'MESSAGE', requestUri: 'sip:list@localhost', fields, body });
}

function message(parts: readonly Part[]): SipRequest {
  return messageWith(Buffer.from(multipart(parts)));
}

const list = listPart([['sip:bob@localhost', 'to']]);

describe('a message with a list', () => {
  it('may have the list anywhere, and several (RFC 5363 §4.1)', () => {
    const other = listPart([['sip:carol@localhost', 'cc']]);
    for (const parts of [
      [list, textPart('x'), other],
      [textPart('x'), list, other],
      [list, other, textPart('x')],
    ]) {
      const { recipients, remainder } = unwrap(readListMessage(message(parts), means));
      expect(recipients.map(({ uri }) => uri)).toEqual(['sip:bob@localhost', 'sip:carol@localhost']);
      expect(decodeUtf8(contentOf(remainder, undefined, nodeBytes).body)).toBe('x');
    }
  });

  it('may be deflated as a whole, and may write its parts in base64', () => {
    const deflated = messageWith(deflateSync(multipart([textPart('x'), list])), undefined, 'deflate');
    const { remainder } = unwrap(readListMessage(deflated, means));
    expect(contentOf(remainder, historyOf([], nodeBytes), nodeBytes)).toEqual({
      fields: [['Content-Type', 'text/plain']],
      body: Buffer.from('x'),
    });
    const encoded: Part = [['Content-Type: text/plain', 'Content-Transfer-Encoding: base64'], 'aGk='];
    const plain = unwrap(readListMessage(message([encoded, list]), means)).remainder;
    expect(decodeUtf8(contentOf(plain, undefined, nodeBytes).body)).toBe('hi');
    const bomb = messageWith(deflateSync(Buffer.alloc(1_000_000)), undefined, 'deflate');
    expect(readListMessage(bomb, means)).toMatchObject({ ok: false, error: { status: 400 } });
  });

  it('is 493 when the list is encrypted, alone or with all else, and 415 when it is signed (RFC 3261 §23.2, §23.3)', () => {
    const disposition = 'Content-Disposition: recipient-list';
    const enveloped = 'application/pkcs7-mime;smime-type=enveloped-data';
    const opaque = 'application/pkcs7-mime;smime-type=signed-data';
    const asPart = (type: string): SipRequest => message([textPart('x'), [[`Content-Type: ${type}`, disposition], '']]);
    const asWhole = (type: string): SipRequest => messageWith(Buffer.from('x'), type);
    const statusOf = (request: SipRequest): number | undefined => {
      const read = readListMessage(request, means);
      return read.ok ? undefined : read.error.status;
    };
    const encrypted = [enveloped, 'application/pkcs7-mime', 'multipart/encrypted;boundary=b2'];
    for (const type of encrypted) expect([statusOf(asPart(type)), statusOf(asWhole(type))]).toEqual([493, 493]);
    const signed = [opaque, 'multipart/signed;boundary=b2'];
    for (const type of signed) expect([statusOf(asPart(type)), statusOf(asWhole(type))]).toEqual([415, 415]);
  });

  it('passes on what is encrypted for its recipients as it came (RFC 5365 §10)', () => {
    const secret: Part = [['Content-Type: application/pkcs7-mime;smime-type=enveloped-data'], 'MII'];
    const { remainder } = unwrap(readListMessage(message([secret, list]), means));
    expect(decodeUtf8(contentOf(remainder, undefined, nodeBytes).body)).toBe('MII');
  });

  it('keeps every octet of the other parts, whatever they are (RFC 5365 §7.3)', () => {
    const body = fc.string({ unit: 'binary-ascii' }).filter((text) => !text.includes('--b1'));
    fc.assert(
      fc.property(fc.array(body, { minLength: 2, maxLength: 4 }), fc.nat(4), (texts, at) => {
        const parts = texts.map((text): Part => [['Content-Type: application/octet-stream'], text]);
        const withList = [...parts.slice(0, at), list, ...parts.slice(at)];
        const { remainder } = unwrap(readListMessage(message(withList), means));
        const before = multipart(parts);
        const after = decodeUtf8(contentOf(remainder, undefined, nodeBytes).body);
        expect(after.replace(/^\r\n/, '')).toBe(before);
      }),
    );
  });

  it('is told apart with a reason, and nothing throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.nat(), (octets, at) => {
        const body = Uint8Array.from(Buffer.from(multipart([textPart('x'), list])));
        body.set(octets, at % (body.length - octets.length));
        const read = readListMessage(messageWith(body), means);
        if (!read.ok) expect([400, 415]).toContain(read.error.status);
      }),
    );
    expect(readListMessage(messageWith(new Uint8Array(), 'multipart/mixed'), means)).toMatchObject({
      error: { status: 400 },
    });
  });
});

describe('a history', () => {
  const { remainder, recipients } = unwrap(readListMessage(message([list, textPart('x')]), means));
  const copy = withContent(
    messageWith(new Uint8Array()),
    contentOf(remainder, historyOf(recipients, nodeBytes), nodeBytes),
  );

  it('can be taken away again, for who cannot read it (RFC 5364 §7)', () => {
    expect(mayHaveHistory(copy)).toBe(true);
    const bare = withoutHistory(copy, portableCodec);
    expect(bare && [readRaw(bare, 'Content-Type'), decodeUtf8(bare.body)]).toEqual(['text/plain', 'x']);
  });

  it('is looked for in multiparts alone, and a multipart without one stays', () => {
    expect(mayHaveHistory(messageWith(new Uint8Array(), 'text/plain'))).toBe(false);
    expect(withoutHistory(message([textPart('a')]), nodeBytes)).toBeUndefined();
    expect(withoutHistory(message([textPart('a'), textPart('b')]), nodeBytes)).toBeUndefined();
    expect(withoutHistory(messageWith(Buffer.from('garbage')), nodeBytes)).toBeUndefined();
  });
});
