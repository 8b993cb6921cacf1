import { unwrap } from '@parley/prelude';
import { field, read, readRaw } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { acceptRefresh } from '../../src/subscription/accept.ts';
import { notifyRequest } from '../../src/subscription/notify.ts';
import { noRates } from '../../src/subscription/rates.ts';
import { now, requestOf, room, subscribed } from '../scene.ts';

const { subscription, response } = subscribed();

describe('the 200 to a SUBSCRIBE (RFC 6665 §4.2.1.1)', () => {
  it('has Expires, Contact, Record-Route and a tag of 130 bits', () => {
    expect(response.statusCode).toBe(200);
    expect(readRaw(response, 'Expires')).toBe('600');
    expect(readRaw(response, 'Contact')).toBe(`<${room}>;isfocus`);
    expect(readRaw(response, 'Record-Route')).toBe('<sip:token@127.0.0.1:5060;transport=tcp;lr>');
    expect(unwrap(read(response, field.to))?.tag).toMatch(/^[0-9a-v]{26}$/);
  });
});

describe('a SUBSCRIBE within the dialog (RFC 6665 §4.2.1.4)', () => {
  const refresh = (shape: object) => acceptRefresh(subscription, requestOf({ cSeq: 2, ...shape }), wish, now + 300_000);
  const wish = { expires: 600, eventId: '', rates: noRates };

  it('updates the expiration time and the remote target', () => {
    const accepted = unwrap(refresh({}));
    expect(accepted.subscription.expiresAt).toBe(now + 900_000);
    expect(accepted.subscription.dialog.remoteSequence).toBe(2);
    expect(readRaw(accepted.response, 'Expires')).toBe('600');
  });

  it('MUST be answered 500 when its number is lower than an earlier one (RFC 3261 §12.2.2)', () => {
    expect(refresh({ cSeq: 0 })).toMatchObject({ ok: false, error: { status: 500 } });
  });

  it('is answered 403 under another From, 481 for another id', () => {
    expect(refresh({ user: 'eve' })).toMatchObject({ ok: false, error: { status: 403 } });
    const other = acceptRefresh(subscription, requestOf({ cSeq: 2 }), { ...wish, eventId: '7' }, now);
    expect(other).toMatchObject({ ok: false, error: { status: 481 } });
  });
});

describe('NOTIFY (RFC 6665 §4.2.2)', () => {
  const document = new TextEncoder().encode('<x/>');

  it('MUST have Subscription-State with the time that is left, and the Event of the SUBSCRIBE', () => {
    const [request, next] = notifyRequest(
      { ...subscription, eventId: '7' },
      { document, rosterVersion: 4, end: undefined },
      now + 1000,
    );
    expect(request.method).toBe('NOTIFY');
    expect(request.requestUri).toBe('sip:bob@127.0.0.1:5555;transport=tcp');
    expect(readRaw(request, 'Subscription-State')).toBe('active;expires=599');
    expect(readRaw(request, 'Event')).toBe('conference;id=7');
    expect(readRaw(request, 'Content-Type')).toBe('application/conference-info+xml');
    expect(readRaw(request, 'Contact')).toBe(`<${room}>;isfocus`);
    expect(readRaw(request, 'From')).toBe(`<${room}>;tag=${subscription.dialog.localTag}`);
    expect(readRaw(request, 'To')).toBe('<sip:bob@localhost>;tag=bob-tag');
    expect(next).toMatchObject({ documentVersion: 1, rosterVersion: 4, dialog: { localSequence: 1 } });
  });

  it('counts its CSeq and the version of its document up by one', () => {
    const notice = { document, rosterVersion: 1, end: undefined };
    const [, first] = notifyRequest(subscription, notice, now);
    const [request, second] = notifyRequest(first, notice, now);
    expect(readRaw(request, 'CSeq')).toBe('2 NOTIFY');
    expect(second.documentVersion).toBe(2);
  });

  it.each(['timeout', 'noresource', 'rejected'] as const)('says why it is the last: %s (§4.1.3)', (end) => {
    const [request] = notifyRequest(subscription, { document: undefined, rosterVersion: 0, end }, now);
    expect(readRaw(request, 'Subscription-State')).toBe(`terminated;reason=${end}`);
    expect(readRaw(request, 'Content-Type')).toBeUndefined();
  });
});
