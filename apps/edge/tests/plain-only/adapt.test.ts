import { deflateSync } from 'node:zlib';
import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { parseSipMessage, readRaw, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { inflateUpTo } from '../../src/mailbox/inflate.ts';
import { forPlainOnly, unwrapped } from '../../src/plain-only/adapt.ts';
import { requestWith } from '../support/messages.ts';

const inflate = inflateUpTo(100_000);
const forIt = (request: SipRequest) => forPlainOnly(request, nodeBytes, inflate);

function message(contentType: string, body: string | Uint8Array, fields: readonly string[] = []): SipRequest {
  const request = requestWith('MESSAGE sip:bob@localhost', [`Content-Type: ${contentType}`, ...fields]);
  return { ...request, body: Buffer.from(body) };
}

function cpim(entity: readonly string[], body: string): string {
  const head = ['From: <sip:alice@localhost>', 'To: <sip:bob@localhost>', 'imdn.Message-ID: m1', '', ...entity, ''];
  return `${head.join('\r\n')}\r\n${body}`;
}

const text = cpim(['Content-Type: text/plain; charset=UTF-8'], 'Grüße');

function multipart(subtype: string, ...parts: readonly (readonly [type: string, body: string])[]): string {
  const inner = parts.map(([type, body]) => `--b\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`).join('');
  return cpim([`Content-Type: multipart/${subtype}; boundary=b`], `${inner}--b--\r\n`);
}

describe('a message for a device that takes plain text only', () => {
  it('is the text that it wraps, and else as it came', () => {
    const adapted = forIt(message('message/cpim', text, ['Subject: hi', 'Content-Disposition: render']));
    expect(readRaw(adapted ?? message('', ''), 'Content-Type')).toBe('text/plain;charset=UTF-8');
    const octets = serialise(adapted ?? message('', ''), nodeBytes);
    const again = unwrap(parseSipMessage(octets));
    expect(Buffer.from(again.body).toString()).toBe('Grüße');
    expect(['Subject', 'Content-Disposition', 'Content-Length', 'Call-ID'].map((name) => readRaw(again, name))).toEqual(
      ['hi', undefined, '7', 'c1'],
    );
  });

  it('is inflated where it comes compressed, and only as far as the limit', () => {
    const deflated = message('message/cpim', deflateSync(text), ['Content-Encoding: deflate']);
    const adapted = forIt(deflated);
    expect(adapted && [Buffer.from(adapted.body).toString(), readRaw(adapted, 'Content-Encoding')]).toEqual([
      'Grüße',
      undefined,
    ]);
    const bomb = message('message/cpim', deflateSync(Buffer.alloc(1_000_000)), ['Content-Encoding: deflate']);
    expect(forIt(bomb)).toBe(bomb);
    const unknown = message('message/cpim', text, ['Content-Encoding: br']);
    expect(forIt(unknown)).toBe(unknown);
  });

  it('has its transfer encoding undone', () => {
    const quoted = cpim(['Content-Type: text/plain', 'Content-Transfer-Encoding: base64'], 'SGVsbG8=');
    expect(Buffer.from(forIt(message('message/cpim', quoted))?.body ?? '').toString()).toBe('Hello');
  });

  it('is the text form where several are offered, and untouched where text is but a part', () => {
    const parts = [
      ['text/plain', 'plain'],
      ['text/html', '<b>rich</b>'],
    ] as const;
    expect(Buffer.from(forIt(message('message/cpim', multipart('alternative', ...parts)))?.body ?? '').toString()).toBe(
      'plain',
    );
    const mixed = message('message/cpim', multipart('mixed', ...parts));
    expect(forIt(mixed)).toBe(mixed);
  });

  it.each([
    ['signed', multipart('signed', ['text/plain', 'x'], ['application/pkcs7-signature', 's'])],
    ['signed within', multipart('alternative', ['text/plain', 'x'], ['application/pkcs7-mime', 's'])],
    ['encrypted', cpim(['Content-Type: application/pkcs7-mime; smime-type=enveloped-data'], 'x')],
    ['encrypted by PGP', multipart('encrypted', ['application/pgp-encrypted', 'v'], ['application/octet-stream', 'x'])],
    ['an image', cpim(['Content-Type: image/png'], 'x')],
    ['of a broken type', cpim(['Content-Type: text'], 'x')],
    ['no CPIM', 'nonsense'],
  ])('is untouched when what it wraps is %s', (_, body) => {
    const request = message('message/cpim', body);
    expect(forIt(request)).toBe(request);
    expect(unwrapped(request, nodeBytes, inflate)).toBeUndefined();
  });

  it('is untouched when it is bare', () => {
    for (const type of ['text/plain', 'image/png', 'application/pkcs7-mime']) {
      const request = message(type, 'x');
      expect(forIt(request)).toBe(request);
    }
  });

  it('is nothing when it is is-composing or a disposition notification, bare or wrapped, compressed or not', () => {
    for (const type of ['application/im-iscomposing+xml', 'message/imdn+xml']) {
      expect(forIt(message(type, 'x'))).toBeUndefined();
      const wrapped = cpim([`Content-Type: ${type}`], 'x');
      expect(forIt(message('message/cpim', wrapped))).toBeUndefined();
      expect(forIt(message('message/cpim', deflateSync(wrapped), ['Content-Encoding: deflate']))).toBeUndefined();
    }
    expect(
      forIt(message('message/cpim', multipart('mixed', ['message/imdn+xml', 'a'], ['message/imdn+xml', 'b']))),
    ).toBeUndefined();
  });
});
