import { deflateSync } from 'node:zlib';
import { portableCodec, unwrap } from '@parley/prelude';
import { field, withBody, withRawField } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { contentOf } from '../../src/mailbox/content.ts';
import { devicesToRemember, isRemembered } from '../../src/mailbox/device.ts';
import { inflateUpTo } from '../../src/mailbox/inflate.ts';
import { isOverOnArrival, lifetimeOf } from '../../src/mailbox/lifetime.ts';
import { planDelivery } from '../../src/mailbox/plan-delivery.ts';
import { targetOf } from '../../src/registrar/binding.ts';
import type { Binding } from '../../src/registrar/binding.ts';
import { requestWith } from '../support/messages.ts';
import { traitsOf } from '../../src/registrar/contact-traits.ts';

function binding(contactText: string): Binding {
  const contact = unwrap(field.contact.parse(contactText));
  if (contact === '*') throw new Error('expected an address');
  const route = { edgeInstance: 'e1', flow: 'f', transport: 'TCP' } as const;
  const registration = {
    path: [],
    callId: 'c',
    cSeq: 1,
    expiresAt: 1_000,
    registeredAt: 0,
    refreshedAt: 0,
    accountSince: 0,
    forRooms: false,
    outbound: false,
    series: undefined,
    supported: [],
    userAgent: '',
  };
  return { ...route, ...registration, key: contactText, contact, ...traitsOf(contact), target: targetOf(contact) };
}

const desk = binding('<sip:bob@192.0.2.1>;+sip.instance="<urn:uuid:DESK>"');
const bare = binding('<sip:bob@192.0.2.2>');
const other = binding('<sip:bob@192.0.2.3>');
const deskId = 'urn:uuid:desk';
const nobodyWaits = (): boolean => false;

describe('Where a message goes when it comes', () => {
  it('is every live device; bindings without +sip.instance are one nameless device', () => {
    const plan = planDelivery({ bindings: [desk, bare, other], remembered: [deskId, ''], isWaiting: nobodyWaits });
    expect(plan.copies).toBeUndefined();
    expect([...plan.live].map(([id, { length }]) => [id.toLowerCase(), length])).toEqual([
      [deskId, 1],
      ['', 2],
    ]);
  });

  it('is the mailbox for every remembered device that has no binding', () => {
    const plan = planDelivery({ bindings: [bare], remembered: ['', deskId], isWaiting: nobodyWaits });
    expect([[...plan.live.keys()], plan.copies]).toEqual([[''], [deskId]]);
  });

  it('is the mailbox for a live device that older mail waits for', () => {
    const plan = planDelivery({ bindings: [bare, desk], remembered: [''], isWaiting: (id) => id === '' });
    expect([plan.live.size, plan.copies]).toEqual([1, ['']]);
  });

  it('is the mailbox of the first to come when no device ever registered', () => {
    expect(planDelivery({ bindings: [], remembered: [], isWaiting: nobodyWaits }).copies).toEqual([]);
  });
});

describe('A device', () => {
  it('is remembered for a time after its last binding ends', () => {
    const [device] = devicesToRemember([], [desk], 0, 500, 7);
    expect(device).toMatchObject({ id: deskId, boundUntil: 1_000, since: 0, accountSince: 7 });
    if (device === undefined) throw new Error('expected a device');
    expect([isRemembered(device, 1_499, 500), isRemembered(device, 1_500, 500)]).toEqual([true, false]);
    expect(devicesToRemember([device], [desk], 10, 500, 7)).toEqual([]);
    expect(devicesToRemember([device], [desk], 10, 500, 8)).toHaveLength(1);
    expect(devicesToRemember([device], [{ ...desk, supported: ['gruu'] }], 10, 500, 7)).toHaveLength(1);
  });
});

describe('What is stored', () => {
  const message = (type: string, body: string | Uint8Array, lines: readonly string[] = []): SipRequest =>
    withBody(
      requestWith('MESSAGE sip:bob@localhost', lines),
      type,
      typeof body === 'string' ? Buffer.from(body) : body,
    );
  const cpim = (type: string): string => `From: <sip:a@b>\r\n\r\nContent-Type: ${type}\r\n\r\n<x/>`;
  const contentIn = (request: SipRequest): string => contentOf(request, portableCodec, inflateUpTo(1_000));

  it('is known bare, in CPIM, and in CPIM under deflate up to a limit', () => {
    const composing = 'application/im-iscomposing+xml';
    expect(contentIn(message(composing, '<x/>'))).toBe('composing');
    expect(contentIn(message('message/cpim', cpim(composing)))).toBe('composing');
    expect(contentIn(message('message/cpim', cpim('message/imdn+xml')))).toBe('notification');
    expect(contentIn(message('message/cpim', cpim('text/plain')))).toBe('message');
    const deflated = (text: string): SipRequest =>
      withRawField(message('message/cpim', deflateSync(text)), 'Content-Encoding', 'deflate');
    expect(contentIn(deflated(cpim(composing)))).toBe('composing');
    expect(contentIn(deflated(cpim(composing) + ' '.repeat(2_000)))).toBe('message');
    expect(contentIn(message('message/cpim', 'not cpim at all'))).toBe('message');
    expect(contentIn(message('text/plain', 'x'))).toBe('message');
  });

  it('is over when it comes later than its Date and Expires say (RFC 3428 §7)', () => {
    const date = 'Date: Thu, 01 Jan 1970 00:00:10 GMT';
    const isOver = (lines: readonly string[], now: number): boolean =>
      isOverOnArrival(message('text/plain', 'x', lines), now);
    expect([isOver(['Expires: 5', date], 14_999), isOver(['Expires: 5', date], 15_000)]).toEqual([false, true]);
    expect([isOver(['Expires: 5'], 99_000), isOver(['Expires: 0', date], 99_000), isOver([date], 99_000)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is kept as long as Expires says, else as the installation does; Expires: 0 is not stored', () => {
    const life = (lines: readonly string[], isNotification = false): unknown =>
      lifetimeOf(message('text/plain', 'x', lines), isNotification, 1_000, 60_000);
    expect(life([])).toEqual({ kind: 'until', at: 61_000 });
    expect(life(['Expires: 5'])).toEqual({ kind: 'until', at: 6_000 });
    expect(life(['Expires: 5', 'Date: Thu, 01 Jan 1970 00:00:00 GMT'])).toEqual({ kind: 'until', at: 5_000 });
    expect(life(['Expires: 1', 'Date: Thu, 01 Jan 1970 00:00:00 GMT'])).toEqual({ kind: 'none' });
    expect(life(['Expires: 0'])).toEqual({ kind: 'none' });
    expect(life([], true)).toEqual({ kind: 'taken' });
  });
});
