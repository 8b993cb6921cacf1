import { cpimFrom, cpimTo, parseCpim } from '@parley/cpim';
import { imdnHeadersOf, imdnsOf } from '@parley/imdn';
import { unwrap } from '@parley/prelude';
import { nodeBytes } from '@parley/service';
import { createResponseTo, readRaw } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { curiosityOf } from '../../src/dispositions/curious-message.ts';
import { notificationRequest } from '../../src/dispositions/notification-request.ts';
import { toldOf } from '../../src/dispositions/told-fate.ts';
import type { MessageFate } from '../../src/mailbox/delivery-hooks.ts';
import { inflateUpTo } from '../../src/mailbox/inflate.ts';
import { requestWith } from '../support/messages.ts';

const stored: MessageFate = { kind: 'stored' };
const expired: MessageFate = { kind: 'expired', devices: [] };
const refused = { kind: 'refused', device: '', answer: undefined } as const;
const adapted: MessageFate = { kind: 'adapted', device: '', sent: requestWith('MESSAGE sip:bob@localhost') };

function message({ requests = 'negative-delivery', type = 'text/plain', id = 'm1' } = {}): SipRequest {
  const lines = [
    'From: <sip:alice@localhost>',
    'To: <sip:bob@localhost>',
    'DateTime: 2026-11-21T10:00:00Z',
    `imdn.Message-ID: ${id}`,
    `imdn.Disposition-Notification: ${requests}`,
    '',
    `Content-Type: ${type}`,
    '',
    'x',
  ];
  const request = requestWith('MESSAGE sip:bob@localhost', ['Content-Type: message/cpim']);
  return { ...request, body: Buffer.from(lines.join('\r\n')) };
}

const curiosity = (request: SipRequest) => curiosityOf(request, nodeBytes, inflateUpTo(10_000));

function notification(request: SipRequest, fate: MessageFate, secret = 'secret', now = 0): SipRequest {
  const curious = curiosity(request);
  if (curious === undefined) throw new Error('nothing asked');
  const parts = { from: 'sip:bob@localhost', to: 'sip:alice@localhost', now, date: 'Thu, 01 Jan 1970 00:00:00 GMT' };
  return notificationRequest(
    { ...parts, asked: curious.asked, told: toldOf(fate), secret: Buffer.from(secret) },
    nodeBytes,
  );
}

describe('what a message asks of a relay (RFC 5438 §12.2)', () => {
  it('is nothing for a message that is no CPIM, asks nothing, or is a notification', () => {
    expect(curiosity(requestWith('MESSAGE sip:bob@localhost', ['Content-Type: text/plain']))).toBeUndefined();
    expect(curiosity(message({ requests: '' }))).toBeUndefined();
    expect(curiosity(message({ type: 'message/imdn+xml' }))).toBeUndefined();
    expect(curiosity(message({ id: 'two words' }))).toBeUndefined();
  });

  it('MUST NOT be told in clear of an encrypted message (§14.2)', () => {
    expect(curiosity(message({ type: 'application/pkcs7-mime; smime-type=enveloped-data' }))).toBeUndefined();
  });

  it('says with which status a device refused it (REQ-DISNOT-5), in words of a known language (REQ-DISNOT-12)', () => {
    const answer = createResponseTo(requestWith('MESSAGE sip:bob@localhost'), 415, 'Unsupported Media Type');
    const { body } = notification(message(), { ...refused, answer });
    const [imdn] = unwrap(imdnsOf(unwrap(parseCpim(body)).content));
    const text = 'A device of the recipient refused the message: 415 Unsupported Media Type';
    expect(imdn).toMatchObject({ disposition: { status: 'failed' }, note: { text, language: 'en' } });
  });

  it('goes to the sender as SIP names him, whatever From says inside', () => {
    expect(curiosity(message())?.sender).toMatchObject({ user: 'alice', host: 'localhost' });
  });
});

describe('what a relay tells (RFC 5438 §8.1, §8.2)', () => {
  it.each([
    [stored, { type: 'processing', status: 'stored' }],
    [adapted, { type: 'delivery', status: 'delivered' }],
    [refused, { type: 'delivery', status: 'failed' }],
    [expired, { type: 'delivery', status: 'failed' }],
  ])('of %j is %j', (fate, disposition) => {
    expect(toldOf(fate).disposition).toEqual(disposition);
  });

  it('goes from the recipient to the sender in CPIM, with the reason in a note', () => {
    const request = notification(message(), expired);
    expect([request.method, request.requestUri]).toEqual(['MESSAGE', 'sip:alice@localhost']);
    expect(readRaw(request, 'From')).toMatch(/^<sip:bob@localhost>;tag=\w+$/);
    expect(readRaw(request, 'To')).toBe('<sip:alice@localhost>');
    expect(readRaw(request, 'Content-Type')).toBe('message/cpim');
    const { head, content } = unwrap(parseCpim(request.body));
    expect([unwrap(cpimFrom(head)).uri, unwrap(cpimTo(head))[0]?.uri]).toEqual([
      'sip:bob@localhost',
      'sip:alice@localhost',
    ]);
    expect(unwrap(imdnHeadersOf(head)).requests).toEqual([]);
    expect(unwrap(imdnsOf(content))).toEqual([
      {
        messageId: 'm1',
        dateTime: '2026-11-21T10:00:00Z',
        recipientUri: 'sip:bob@localhost',
        originalRecipientUri: 'sip:bob@localhost',
        disposition: { type: 'delivery', status: 'failed' },
        note: { text: 'The message expired before it could be delivered.', language: 'en' },
      },
    ]);
  });

  it('is the same notification when told again, also by another edge, and MUST NOT be told twice in a type', () => {
    const callId = (request: SipRequest) => readRaw(request, 'Call-ID');
    const names = (request: SipRequest) => [callId(request), readRaw(request, 'From')];
    const first = notification(message(), expired);
    expect(names(notification(message(), expired, 'secret', 5000))).toEqual(names(first));
    expect(callId(notification(message(), refused))).toBe(callId(first));
    expect(callId(notification(message(), stored))).not.toBe(callId(first));
    expect(callId(notification(message({ id: 'm2' }), expired))).not.toBe(callId(first));
  });

  it('is named so that nobody can guess it who does not know the secret (§6.3)', () => {
    const id = (request: SipRequest) => unwrap(imdnHeadersOf(unwrap(parseCpim(request.body)).head)).messageId;
    const first = id(notification(message(), expired));
    expect(first).toMatch(/^[0-9a-f]{26}$/);
    expect(id(notification(message(), expired, 'other'))).not.toBe(first);
    expect(readRaw(notification(message(), expired), 'Call-ID')).not.toContain(first);
  });
});
