import { unwrap } from '@parley/prelude';
import { createRequest, createResponseTo, readRaw, readRawAll } from '@parley/sip';
import type { RawField, SipRequest, SipResponse } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import {
  ackRequest,
  byeRequest,
  confirmUacDialog,
  createUacDialog,
  createUasDialog,
  dialogId,
  dialogIdOf,
  dialogRequest,
  matchDialog,
  noAcks,
  receiveRequest,
  refreshTarget,
  repeatedAck,
  responseImpact,
  withAck,
} from '../../src/index.ts';
import type { Dialog } from '../../src/index.ts';

const contactOfBob: RawField = ['Contact', '<sip:bob@192.0.2.4>'];
const recorded: readonly RawField[] = [
  ['Record-Route', '<sip:p2.biloxi.com;lr>, <sip:p1.atlanta.com;lr;x=1>;y=2'],
  ['Record-Route', '<sip:p0.atlanta.com;lr>'],
];

function invite(more: readonly RawField[] = [], requestUri = 'sip:bob@biloxi.com'): SipRequest {
  return createRequest({
    method: 'INVITE',
    requestUri,
    fields: [
      ['From', '"Alice" <sip:alice@atlanta.com>;tag=1928301774'],
      ['To', 'Bob <sip:bob@biloxi.com>'],
      ['Call-ID', 'a84b4c76e66710@pc33.atlanta.com'],
      ['CSeq', '314159 INVITE'],
      ['Contact', '<sip:alice@pc33.atlanta.com>'],
      ...more,
    ],
  });
}

function response(request: SipRequest, status: number, fields: readonly RawField[] = [contactOfBob]): SipResponse {
  return createResponseTo(request, status, undefined, { toTag: 'a6c85cf', fields });
}

const uac = (fields: readonly RawField[] = [contactOfBob, ...recorded]): Dialog =>
  unwrap(createUacDialog(invite(), response(invite(), 200, fields)));
const uas = (): Dialog => unwrap(createUasDialog(invite(recorded), response(invite(), 200)));

function fromPeer(method: string, cSeq: number, more: readonly RawField[] = []): SipRequest {
  return createRequest({
    method,
    requestUri: 'sip:bob@192.0.2.4',
    fields: [
      ['From', '<sip:alice@atlanta.com>;tag=1928301774'],
      ['To', '<sip:bob@biloxi.com>;tag=a6c85cf'],
      ['Call-ID', 'a84b4c76e66710@pc33.atlanta.com'],
      ['CSeq', `${cSeq} ${method}`],
      ...more,
    ],
  });
}

describe('UAC dialog (RFC 3261 §12.1.2)', () => {
  it('takes route set, target, tags and numbers from request and response', () => {
    expect(uac()).toEqual({
      state: 'confirmed',
      callId: 'a84b4c76e66710@pc33.atlanta.com',
      localTag: '1928301774',
      remoteTag: 'a6c85cf',
      localAddress: '"Alice" <sip:alice@atlanta.com>',
      remoteAddress: expect.stringMatching(/^"?Bob"? <sip:bob@biloxi.com>$/) as string,
      remoteTarget: 'sip:bob@192.0.2.4',
      routeSet: ['<sip:p0.atlanta.com;lr>', '<sip:p1.atlanta.com;lr;x=1>;y=2', '<sip:p2.biloxi.com;lr>'],
      localSequence: 314_159,
      secure: false,
    });
  });

  it('is early after a provisional response with a To tag, and confirmed by the 2xx with its routes (§13.2.2.4)', () => {
    const early = unwrap(createUacDialog(invite(), response(invite(), 180, [])));
    expect([early.state, early.remoteTarget, early.routeSet]).toEqual(['early', 'sip:bob@biloxi.com', []]);
    const confirmed = unwrap(confirmUacDialog(early, response(invite(), 200, [contactOfBob, ...recorded])));
    expect([confirmed.state, confirmed.remoteTarget, confirmed.routeSet.length]).toEqual([
      'confirmed',
      'sip:bob@192.0.2.4',
      3,
    ]);
    expect(dialogId(confirmed)).toBe(dialogId(early));
  });

  it('is not made by 100, by a provisional response without a tag, or by a refusal', () => {
    for (const other of [createResponseTo(invite(), 100), createResponseTo(invite(), 180), response(invite(), 486)]) {
      expect(createUacDialog(invite(), other).ok).toBe(false);
    }
  });

  it('has a null tag for a peer that sets none (RFC 2543)', () => {
    const dialog = unwrap(
      createUacDialog(invite(), createResponseTo(invite(), 200, undefined, { fields: [contactOfBob] })),
    );
    expect(dialog.remoteTag).toBe('');
    expect(readRaw(byeRequest(dialog)[0], 'To')).not.toContain('tag');
  });

  it('is secure for a sips URI over TLS only', () => {
    const sips = invite([], 'sips:bob@biloxi.com');
    expect(unwrap(createUacDialog(sips, response(sips, 200), { tls: true })).secure).toBe(true);
    expect(unwrap(createUacDialog(sips, response(sips, 200))).secure).toBe(false);
    expect(unwrap(createUacDialog(invite(), response(invite(), 200), { tls: true })).secure).toBe(false);
  });
});

describe('UAS dialog (RFC 3261 §12.1.1)', () => {
  it('keeps the routes in their order, takes the Contact, and has no local number yet', () => {
    const dialog = uas();
    expect(dialog.routeSet).toEqual([
      '<sip:p2.biloxi.com;lr>',
      '<sip:p1.atlanta.com;lr;x=1>;y=2',
      '<sip:p0.atlanta.com;lr>',
    ]);
    expect([dialog.localTag, dialog.remoteTag]).toEqual(['a6c85cf', '1928301774']);
    expect([dialog.remoteTarget, dialog.remoteSequence, dialog.localSequence]).toEqual([
      'sip:alice@pc33.atlanta.com',
      314_159,
      undefined,
    ]);
  });

  it('needs a Contact', () => {
    const bare = fromPeer('INVITE', 1);
    expect(createUasDialog(bare, response(bare, 200))).toMatchObject({ ok: false, error: { status: 400 } });
  });

  it('is found by the tags of a request that comes', () => {
    expect(matchDialog(uas(), fromPeer('BYE', 314_160))).toBe(true);
    expect(dialogIdOf(fromPeer('BYE', 1))).toBe(dialogId(uas()));
    expect(dialogIdOf(invite())).toBeUndefined();
    expect(matchDialog(uac(), response(invite(), 200))).toBe(true);
  });

  it('survives JSON, so that another process can take it up', () => {
    const dialog = uas();
    expect(JSON.parse(JSON.stringify(dialog))).toEqual(JSON.parse(JSON.stringify({ ...dialog })));
    expect(byeRequest(JSON.parse(JSON.stringify(dialog)) as Dialog)[0].requestUri).toBe('sip:alice@pc33.atlanta.com');
  });
});

describe('requests inside a dialog (RFC 3261 §12.2.1.1)', () => {
  it('go to the remote target through the route set, with numbers that rise by one', () => {
    const [bye, after] = byeRequest(uac());
    expect(bye.requestUri).toBe('sip:bob@192.0.2.4');
    expect(readRawAll(bye, 'Route')).toEqual(uac().routeSet);
    expect(readRaw(bye, 'CSeq')).toBe('314160 BYE');
    expect(readRaw(bye, 'From')).toBe('"Alice" <sip:alice@atlanta.com>;tag=1928301774');
    expect(readRaw(bye, 'To')).toMatch(/<sip:bob@biloxi.com>;tag=a6c85cf$/);
    expect(after.localSequence).toBe(314_160);
    expect(readRaw(dialogRequest(uas(), 'NOTIFY', { firstSequence: 7 })[0], 'CSeq')).toBe('7 NOTIFY');
  });

  it('MUST put a strict router into the Request-URI and the remote target at the end of Route', () => {
    const routes = ['<sip:proxy4>', '<sip:proxy3;lr>', '<sip:proxy2>', '<sip:proxy1;method=INVITE?a=b>'];
    const strict: Dialog = { ...uac(), routeSet: routes.toReversed(), remoteTarget: 'sip:user@remoteua' };
    const [request] = dialogRequest(strict, 'INFO');
    expect(request.requestUri).toBe('sip:proxy1');
    expect(readRawAll(request, 'Route')).toEqual([
      '<sip:proxy2>',
      '<sip:proxy3;lr>',
      '<sip:proxy4>',
      '<sip:user@remoteua>',
    ]);
  });

  it('ACK has the number and the credentials of its INVITE (§13.2.2.4)', () => {
    const sent = invite([['Proxy-Authorization', 'Digest username="a"']]);
    const [, later] = dialogRequest(uac(), 'INFO');
    const ack = ackRequest(later, sent);
    expect(readRaw(ack, 'CSeq')).toBe('314159 ACK');
    expect(readRaw(ack, 'Proxy-Authorization')).toBe('Digest username="a"');
    expect(() => dialogRequest(later, 'ACK')).toThrow('no number');
  });

  it('the ACK of a 2xx that comes again is the same one', () => {
    const accepted = response(invite(), 200);
    const ack = ackRequest(uac(), invite());
    const acks = withAck(noAcks, accepted, ack);
    expect(repeatedAck(noAcks, accepted)).toBeUndefined();
    expect(repeatedAck(acks, accepted)).toBe(ack);
    const fork = createResponseTo(invite(), 200, undefined, { toTag: 'other', fields: [contactOfBob] });
    expect(repeatedAck(acks, fork)).toBeUndefined();
  });
});

describe('requests of the peer (RFC 3261 §12.2.2)', () => {
  it('MUST be refused with 500 when their number is lower, and may leave gaps', () => {
    const dialog = uas();
    expect(receiveRequest(dialog, fromPeer('INFO', 314_158))).toMatchObject({ ok: false, error: { status: 500 } });
    expect(unwrap(receiveRequest(dialog, fromPeer('INFO', 314_200))).remoteSequence).toBe(314_200);
    expect(unwrap(receiveRequest(dialog, fromPeer('ACK', 1)))).toBe(dialog);
  });

  it('move the remote target when they are target refresh requests, never the route set', () => {
    const moved: readonly RawField[] = [
      ['Contact', '<sip:alice@elsewhere>'],
      ['Record-Route', '<sip:new;lr>'],
    ];
    const refreshed = refreshTarget(uas(), 'INVITE', fromPeer('INVITE', 314_160, moved));
    expect([refreshed.remoteTarget, refreshed.routeSet]).toEqual(['sip:alice@elsewhere', uas().routeSet]);
    expect(refreshTarget(uas(), 'INFO', fromPeer('INFO', 314_160, moved)).remoteTarget).toBe(
      'sip:alice@pc33.atlanta.com',
    );
    expect(refreshTarget(uas(), 'INVITE', fromPeer('INVITE', 314_160)).remoteTarget).toBe('sip:alice@pc33.atlanta.com');
  });

  it.each([
    [404, 'dialog'],
    [481, 'usage'],
    [408, 'usage'],
    [491, 'transaction'],
    [500, 'transaction'],
  ])('a failure of ours with %i reaches the %s (RFC 5057 §5.1)', (status, impact) => {
    expect(responseImpact(status)).toBe(impact);
  });
});
