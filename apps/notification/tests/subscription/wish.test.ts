import { describe, expect, it } from 'vitest';
import { durations, readWish } from '../../src/subscription/wish.ts';
import { subscribeText } from '../peers.ts';
import type { SubscribeShape } from '../peers.ts';
import { parsed } from '../scene.ts';

function wish(shape: Partial<SubscribeShape>, remove = '') {
  const text = subscribeText({ callId: 'c', ...shape });
  return readWish(
    parsed(remove === '' ? text : text.replace(new RegExp(`${remove}:[^\\r]*\\r\\n`), '')),
    durations(60),
  );
}

function status(shape: Partial<SubscribeShape>): unknown {
  const read = wish(shape);
  return read.ok ? undefined : [read.error.status, ...read.error.fields.map(([name, value]) => `${name}: ${value}`)];
}

describe('SUBSCRIBE to a room (RFC 6665 §4.2.1.1, RFC 4575 §3)', () => {
  it('SHOULD be answered 489 with Allow-Events for another package', () => {
    expect(status({ event: 'presence' })).toEqual([489, 'Allow-Events: conference']);
    expect(status({ event: 'Conference' })).toEqual([489, 'Allow-Events: conference']);
    expect(wish({}, 'Event')).toMatchObject({ ok: false, error: { status: 489 } });
  });

  it('is answered 406 when Accept leaves the format of the package out (RFC 4575 §3.4)', () => {
    expect(status({ fields: ['Accept: text/plain'] })).toEqual([406, 'Accept: application/conference-info+xml']);
    expect(status({ fields: ['Accept: application/conference-info+xml;q=0'] })).toMatchObject({ 0: 406 });
    for (const accept of ['application/conference-info+xml', '*/*', 'text/plain, application/*']) {
      expect(wish({ fields: [`Accept: ${accept}`] })).toMatchObject({ ok: true });
    }
  });

  it('MAY be answered 423 with Min-Expires when it is for too short a time, 0 aside', () => {
    expect(status({ expires: 59 })).toEqual([423, 'Min-Expires: 60']);
    expect(wish({ expires: 60 })).toMatchObject({ value: { expires: 60 } });
    expect(wish({ expires: 0 })).toMatchObject({ value: { expires: 0 } });
  });

  it('MUST NOT be answered 423 for an hour or more, whatever the minimum', () => {
    const request = parsed(subscribeText({ callId: 'c', expires: 3600 }));
    expect(readWish(request, durations(7200))).toMatchObject({ ok: true });
  });

  it('lasts an hour when it does not say (RFC 4575 §3.3), and is shortened to half a day', () => {
    expect(wish({}, 'Expires')).toMatchObject({ value: { expires: 3600 } });
    expect(wish({ expires: 1_000_000 })).toMatchObject({ value: { expires: 43_200 } });
  });

  it('MUST be answered 420 with Unsupported when it requires an extension (RFC 3261 §8.2.2.3)', () => {
    expect(status({ fields: ['Require: eventlist'] })).toEqual([420, 'Unsupported: eventlist']);
  });

  it('keeps the id of its Event (RFC 6665 §8.2.1)', () => {
    expect(wish({ event: 'conference;id=7' })).toMatchObject({ value: { eventId: '7' } });
  });
});
