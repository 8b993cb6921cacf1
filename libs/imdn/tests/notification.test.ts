import type { DateTime } from '@parley/cpim';
import { cpimFrom, cpimTo, createCpim, parseCpim, parseDateTime, serialiseCpim } from '@parley/cpim';
import type { CpimMessage } from '@parley/cpim';
import { boundaryOf, contentTypeOf, fieldValue, parseBoundary } from '@parley/mime';
import { encodeUtf8, unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import type { AskedMessage, Disposition } from '../src/index.ts';
import {
  aggregatedContent,
  askedBy,
  createNotification,
  imdnHeadersOf,
  imdnsOf,
  isAskedFor,
  isNotification,
  notificationContent,
  readImdn,
  serialiseImdn,
  writeImdnHeaders,
} from '../src/index.ts';
import { vector } from './vectors.ts';

const dateTime: DateTime = unwrap(parseDateTime('2026-11-21T10:15:00Z'));
const parse = (name: string) => unwrap(parseCpim(vector('valid', name)));
const failed: Disposition = { type: 'delivery', status: 'failed' };
const bob = { uri: 'sip:bob@example.com' };

function im(...more: readonly string[]): CpimMessage {
  const lines = ['From: Alice <im:alice@example.com>', 'To: Bob <im:bob@example.com>', ...more, '', '', 'Hello'];
  return unwrap(parseCpim(encodeUtf8(lines.join('\r\n'))));
}

function asked(message: CpimMessage): AskedMessage {
  const found = unwrap(askedBy(message));
  if (found === undefined) throw new Error('nothing asked');
  return found;
}

const notify = (message: CpimMessage) =>
  createNotification(asked(message), { disposition: failed, messageId: 'n1', dateTime, recipient: bob });

describe('what a message is (RFC 5438 §9)', () => {
  it.each([
    ['7.1.1.3-im.cpim', false],
    ['7.2.1.1-delivery.cpim', true],
    ['7.2.1.2-display.cpim', true],
    ['8.1-processing.cpim', true],
    ['8.3-aggregated.cpim', true],
    ['8.3-aggregated-as-printed.cpim', true],
  ])('%s is a notification: %j', (name, expected) => {
    expect(isNotification(parse(name))).toBe(expected);
  });

  it('is told by its payload, whatever Content-Disposition says', () => {
    const content = {
      fields: [{ name: 'Content-Type', value: 'message/imdn+xml; charset=utf-8' }],
      body: encodeUtf8('?'),
    };
    expect(isNotification({ content })).toBe(true);
    expect(isNotification({ content: { fields: [{ name: 'Content-Type', value: '?' }], body: encodeUtf8('') } })).toBe(
      false,
    );
  });
});

describe('payloads of a notification', () => {
  it.each([
    ['7.2.1.1-delivery.cpim', [{ type: 'delivery', status: 'delivered' }]],
    ['7.2.1.2-display.cpim', [{ type: 'display', status: 'displayed' }]],
    ['8.1-processing.cpim', [{ type: 'processing', status: 'processed' }]],
    [
      '8.3-aggregated.cpim',
      [
        { type: 'delivery', status: 'delivered' },
        { type: 'display', status: 'displayed' },
      ],
    ],
    [
      '8.3-aggregated-as-printed.cpim',
      [
        { type: 'delivery', status: 'delivered' },
        { type: 'display', status: 'displayed' },
      ],
    ],
  ])('are those of the example: %s', (name, dispositions) => {
    expect(unwrap(imdnsOf(parse(name).content))).toEqual(
      dispositions.map((disposition) => ({
        messageId: '34jk324j',
        dateTime: '2008-04-04T12:16:49-05:00',
        recipientUri: 'im:bob@example.com',
        originalRecipientUri: 'im:bob@example.com',
        disposition,
      })),
    );
  });

  it('are none of an IM, and an error when one cannot be read', () => {
    expect(unwrap(imdnsOf(parse('7.1.1.3-im.cpim').content))).toEqual([]);
    expect(imdnsOf(notificationContent(encodeUtf8('<imdn/>'))).ok).toBe(false);
  });

  it('are aggregated byte for byte (§8.3)', () => {
    const payloads = ['a', 'b'].map((messageId) =>
      serialiseImdn({ messageId, dateTime, disposition: failed, recipientUri: 'sip:bob@h' }),
    );
    const content = aggregatedContent(payloads, unwrap(parseBoundary('imdn-boundary')));
    expect(fieldValue(content.fields, 'Content-Disposition')).toBe('notification');
    expect(unwrap(boundaryOf(unwrap(contentTypeOf(content))))).toBe('imdn-boundary');
    const whole = unwrap(parseCpim(serialiseCpim(createCpim({ from: bob, to: [bob] }, 'text/plain', encodeUtf8('')))));
    const again = unwrap(parseCpim(serialiseCpim({ head: whole.head, content })));
    expect(unwrap(imdnsOf(again.content)).map(({ messageId }) => messageId)).toEqual(['a', 'b']);
  });
});

describe('what a message asks for (RFC 5438 §7.2.1)', () => {
  it('is nothing without a request or a Message-ID to name it by', () => {
    expect(unwrap(askedBy(im('imdn.Message-ID: 1')))).toBeUndefined();
    expect(unwrap(askedBy(im('imdn.Disposition-Notification: display')))).toBeUndefined();
  });

  it('MUST be nothing when it is a notification itself, even if it asks', () => {
    const delivery = parse('7.2.1.1-delivery.cpim');
    const requests = [{ type: 'positive-delivery', parameters: [] }];
    const headers = [...delivery.head.headers, ...writeImdnHeaders({ requests })];
    expect(unwrap(askedBy({ head: { headers }, content: delivery.content }))).toBeUndefined();
    expect(unwrap(askedBy({ head: { headers }, content: parse('8.3-aggregated.cpim').content }))).toBeUndefined();
  });

  it('is each type by itself: failures do not answer who asked for success alone', () => {
    const message = asked(im('imdn.Message-ID: 1', 'imdn.Disposition-Notification: positive-delivery, processing'));
    expect(isAskedFor(message, { type: 'delivery', status: 'delivered' })).toBe(true);
    expect(isAskedFor(message, { type: 'processing', status: 'stored' })).toBe(true);
    expect(isAskedFor(message, failed)).toBe(false);
    expect(isAskedFor(message, { type: 'display', status: 'displayed' })).toBe(false);
  });

  it('cannot be told of a message whose sender cannot be read', () => {
    const lines = ['imdn.Message-ID: 1', 'imdn.Disposition-Notification: display', '', '', 'x'];
    expect(askedBy(unwrap(parseCpim(encodeUtf8(lines.join('\r\n'))))).ok).toBe(false);
  });
});

describe('a notification (RFC 5438 §7.2.1)', () => {
  const plain = im(
    'DateTime: 2006-04-04T12:16:49-05:00',
    'Subject:;lang=fr Noël',
    'imdn.Message-ID: 34jk324j',
    'imdn.Disposition-Notification: negative-delivery',
  );

  it('goes from the recipient to the sender, names itself anew, and asks for nothing', () => {
    const { message, target } = notify(plain);
    const again = unwrap(parseCpim(serialiseCpim(message)));
    expect(target).toBe('im:alice@example.com');
    expect(unwrap(cpimFrom(again.head))).toEqual(bob);
    expect(unwrap(cpimTo(again.head))).toEqual([{ formalName: 'Alice', uri: 'im:alice@example.com' }]);
    expect(unwrap(imdnHeadersOf(again.head))).toEqual({ messageId: 'n1', requests: [], recordRoutes: [], routes: [] });
    expect(fieldValue(again.content.fields, 'Content-Disposition')).toBe('notification');
  });

  it('says which message it is about: id, time, recipient and subject with its language (§11.1)', () => {
    expect(unwrap(readImdn(notify(plain).message.content.body))).toEqual({
      messageId: '34jk324j',
      dateTime: '2006-04-04T12:16:49-05:00',
      recipientUri: 'sip:bob@example.com',
      originalRecipientUri: 'im:bob@example.com',
      subject: { text: 'Noël', language: 'fr' },
      disposition: failed,
    });
  });

  it('MUST name the original recipient when the message carries Original-To (§11.1.4)', () => {
    const message = im('imdn.Message-ID: 1', 'imdn.Disposition-Notification: display', 'imdn.Original-To: <im:list@h>');
    expect(unwrap(readImdn(notify(message).message.content.body)).originalRecipientUri).toBe('im:list@h');
  });

  it('MUST take the recorded route in its order, to the topmost first', () => {
    const message = im(
      'imdn.Message-ID: 1',
      'imdn.Disposition-Notification: display',
      'imdn.IMDN-Record-Route: <im:two@h>',
      'imdn.IMDN-Record-Route: <im:one@h>',
    );
    const { message: made, target } = notify(message);
    expect(target).toBe('im:two@h');
    const { routes, recordRoutes } = unwrap(imdnHeadersOf(made.head));
    expect([routes.map(({ uri }) => uri), recordRoutes]).toEqual([['im:two@h', 'im:one@h'], []]);
  });
});
