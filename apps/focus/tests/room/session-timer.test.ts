import { readRaw } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/room/decision.ts';
import { meetDeadlines, nextDeadline } from '../../src/room/deadlines.ts';
import { deviceAnswered } from '../../src/room/reoffer.ts';
import { offer } from '../messages.ts';
import { answered, join, now, participant, plan, present, roomWith } from '../scene.ts';

const timed = (sessionExpires: string, supported = 'timer') =>
  join(roomWith(), { fields: [`Supported: ${supported}`, `Session-Expires: ${sessionExpires}`] });

function requestsIn({ effects }: Decision): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'SendRequest' || effect.kind === 'AskDevice' ? [effect.request.method] : [],
  );
}

describe('Session timers at the focus (RFC 4028 §9)', () => {
  it('leave the refreshing to who asks for a timer, and MUST require it then', () => {
    const { response, room, id } = timed('1800');
    expect(readRaw(response, 'Session-Expires')).toBe('1800;refresher=uac');
    expect(readRaw(response, 'Require')).toBe('timer');
    expect(participant({ room }, id).timer).toEqual({ interval: 1800, isOurs: false, refreshedAt: now });
  });

  it('are ours to refresh where the peer says so, or cannot', () => {
    expect(readRaw(timed('1800;refresher=uas').response, 'Session-Expires')).toBe('1800;refresher=uas');
    const { response } = timed('1800', 'path');
    expect([readRaw(response, 'Session-Expires'), readRaw(response, 'Require')]).toEqual([
      '1800;refresher=uas',
      undefined,
    ]);
  });

  it('are refused with 422 and Min-SE below 90 s (§5), and not begun with who would not hear that', () => {
    const fields = ['Supported: timer', 'Session-Expires: 60'];
    expect(plan(roomWith(), { fields })).toMatchObject({ error: { status: 422, fields: [['Min-SE', '90']] } });
    expect(readRaw(timed('60', 'path').response, 'Session-Expires')).toBeUndefined();
  });

  it('that nobody asks for do not run', () => {
    const { room, response } = join(roomWith());
    expect(readRaw(response, 'Session-Expires')).toBeUndefined();
    expect(nextDeadline(room, now)).toBe(Infinity);
  });

  it('end the participant that did not refresh, a little before its interval is over (§10)', () => {
    const { room } = timed('90');
    expect(nextDeadline(room, now)).toBe(now + 60_000);
    expect(meetDeadlines(room, now + 59_999).room).toBe(room);
    const ended = meetDeadlines(room, now + 60_000);
    expect(requestsIn(ended)).toEqual(['BYE']);
    expect(present(ended).participants.size).toBe(0);
  });
});

describe('A session that is ours to refresh (RFC 4028 §7.2, §7.4)', () => {
  const ours = timed('200;refresher=uas');
  const refreshing = meetDeadlines(ours.room, now + 100_000);
  const [ask] = refreshing.effects;
  if (ask?.kind !== 'AskDevice') throw new Error('expected a refresh');
  const answer = (status: number, fields: readonly string[], body = offer()): Decision => {
    const lines = [
      `SIP/2.0 ${status} Whatever`,
      ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map(
        (name) => `${name}: ${readRaw(ask.request, name) ?? 'SIP/2.0/TCP h;branch=z9hG4bKx'}`,
      ),
      'Contact: <sip:alice@127.0.0.1:5555;transport=tcp>',
      'Content-Type: application/sdp',
      ...fields,
      `Content-Length: ${body.length}`,
    ];
    const response = answered(`${lines.join('\r\n')}\r\n\r\n${body}`);
    return deviceAnswered(refreshing.room, ours.id, ask.request, response, now + 100_500);
  };

  it('is offered again after half of its interval, as it stands', () => {
    expect(nextDeadline(ours.room, now)).toBe(now + 100_000);
    expect(ask.request.method).toBe('INVITE');
    expect(readRaw(ask.request, 'Session-Expires')).toBe('200;refresher=uac');
    expect(ask.request.body).toEqual(participant(ours, ours.id).media.localSdp);
    expect(meetDeadlines(refreshing.room, now + 101_000).effects).toEqual([]);
  });

  it('goes on when the device takes it, which is acknowledged', () => {
    const taken = answer(200, ['Session-Expires: 300;refresher=uac']);
    expect(requestsIn(taken)[0]).toBe('ACK');
    expect(participant(taken, ours.id)).toMatchObject({
      timer: { interval: 300, isOurs: true, refreshedAt: now + 100_500 },
      media: { isOffering: false },
    });
  });

  it('is tried again with a longer interval after a 422, and later after a 491', () => {
    const longer = answer(422, ['Min-SE: 400']);
    const [again] = longer.effects;
    expect(again?.kind === 'AskDevice' && readRaw(again.request, 'Session-Expires')).toBe('400;refresher=uac');
    const crossed = answer(491, []);
    expect(crossed.effects).toEqual([]);
    expect(requestsIn(meetDeadlines(crossed.room, now + 103_000))).toEqual(['INVITE']);
  });

  it('ends when the device refuses it with 422 and asks for no longer interval: it would refuse it for ever', () => {
    for (const fields of [[], ['Min-SE: 90'], ['Min-SE: 200']])
      expect(requestsIn(answer(422, fields))).toEqual(['BYE']);
  });

  it('ends when the device knows it no more, or says nothing', () => {
    expect(present(answer(481, [], '')).participants.size).toBe(0);
    const silent = deviceAnswered(refreshing.room, ours.id, ask.request, undefined, now);
    expect(requestsIn(silent)).toEqual(['BYE']);
  });
});
