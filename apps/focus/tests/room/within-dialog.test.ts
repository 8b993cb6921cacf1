import { unwrap } from '@parley/prelude';
import { parseSdp } from '@parley/sdp';
import { field, read, readRaw } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { noOtherMedia } from '../../src/media/media-leg.ts';
import { isOnHold } from '../../src/room/participant.ts';
import type { Decision } from '../../src/room/decision.ts';
import type { Room } from '../../src/room/room.ts';
import type { Invitation } from '../../src/room/invitation.ts';
import { completeChange, planChange } from '../../src/room/renegotiate.ts';
import { offerAgain } from '../../src/room/reoffer.ts';
import { callerOf, decideWithinDialog, refusing } from '../../src/room/within-dialog.ts';
import type { RequestShape } from '../messages.ts';
import { offer, request } from '../messages.ts';
import {
  invitation,
  join,
  now,
  openedFor,
  participant,
  present,
  responseOf,
  roomWith,
  statusOf,
  surroundings,
} from '../scene.ts';

function tagOf(response: SipResponse): string {
  return unwrap(read(response, field.to))?.tag ?? '';
}

const alice = join(roomWith());

function say(shape: RequestShape, room: Room = alice.room): Decision {
  const text = request({ toTag: tagOf(alice.response), cSeq: 2, ...shape });
  return decide(room, invitation(text, { identity: '' }));
}

/** What a request within a dialog does where a switch gives at once what is asked of it. */
function decide(room: Room, came: Invitation): Decision {
  const caller = callerOf(room, came);
  if (!caller.ok) return refusing(room, came.request, caller.error);
  if (came.request.method !== 'INVITE' && came.request.method !== 'UPDATE') {
    return decideWithinDialog(caller.value, came.request, now);
  }
  const plan = planChange(room, caller.value.participant, came, surroundings());
  if (!plan.ok) return refusing(room, came.request, plan.error);
  return completeChange(room, plan.value, openedFor(plan.value.wishes, 'm9', 'new'), noOtherMedia, surroundings());
}

describe('requests within the dialog of a participant (RFC 3261 §12.2.2)', () => {
  it('MUST be answered 481 when no dialog has these tags', () => {
    expect(statusOf(say({ method: 'BYE', toTag: 'other' }))).toBe(481);
    expect(statusOf(say({ method: 'BYE', fromTag: 'other' }))).toBe(481);
    expect(statusOf(say({ method: 'BYE', callId: 'other' }))).toBe(481);
    expect(statusOf(say({ method: 'INVITE', toTag: 'other', body: offer() }))).toBe(481);
  });

  it('are answered 403 under another From', () => {
    const text = request({ method: 'BYE', toTag: tagOf(alice.response), cSeq: 2 });
    const forged = text.replace('sip:alice@localhost', 'sip:bob@localhost');
    expect(statusOf(decide(alice.room, invitation(forged)))).toBe(403);
  });

  it('MUST be answered 500 when their number is lower than an earlier one', () => {
    const later = present(say({ method: 'OPTIONS', cSeq: 9 }));
    expect(statusOf(say({ method: 'OPTIONS', cSeq: 8 }, later))).toBe(500);
  });

  it('an ACK is never answered, known or not', () => {
    expect(say({ method: 'ACK', cSeq: 1 }).answer).toEqual({ kind: 'done' });
    expect(say({ method: 'ACK', cSeq: 1, toTag: 'other' }).answer).toEqual({ kind: 'done' });
  });

  it('of other methods are 405 with Allow (§8.2.1)', () => {
    const response = responseOf(say({ method: 'INFO' }));
    expect(response.statusCode).toBe(405);
    expect(readRaw(response, 'Allow')).toContain('INVITE, ACK, BYE');
  });

  it('OPTIONS tells that this is a focus (§11.2)', () => {
    expect(readRaw(responseOf(say({ method: 'OPTIONS' })), 'Contact')).toContain(';isfocus');
  });
});

describe('a change that no stream is left for, when its sessions are there', () => {
  it('is refused with 488, and what a media server gave for it is given back', () => {
    const came = invitation(request({ toTag: tagOf(alice.response), cSeq: 2, body: offer() }), { identity: '' });
    const caller = unwrap(callerOf(alice.room, came));
    const plan = unwrap(planChange(caller.room, caller.participant, came, surroundings()));
    const who = participant(caller, caller.participant.id);
    const streams = who.media.streams.map((stream) => ({ ...stream, index: stream.index + 1, session: 'other' }));
    const moved = { ...who, media: { ...who.media, streams } };
    const room = { ...alice.room, participants: new Map([[who.id, moved]]) };
    const leg = { dialog: who.dialog, edgeInstance: 'e1', offer: new Uint8Array() };
    const decision = completeChange(room, plan, new Map(), { leg, lines: new Map() }, surroundings());
    expect(statusOf(decision)).toBe(488);
    expect(decision.effects).toMatchObject([{ kind: 'SendRequest', request: { method: 'BYE' } }]);
  });
});

describe('the ACK of a 200 with our offer (RFC 3261 §13.2.1)', () => {
  const asked = join(roomWith(), { body: '' });
  const ack = (body: string): Decision =>
    say({ method: 'ACK', cSeq: 1, toTag: tagOf(asked.response), body }, asked.room);

  it('says where the participant is, which its switch is told', () => {
    const answered = ack(offer());
    expect(participant(answered, asked.id).media).toMatchObject({ isOffering: false });
    expect(answered.effects).toMatchObject([
      {
        kind: 'ChangeSession',
        session: `s-${asked.id}`,
        wish: { peer: { path: ['msrp://127.0.0.1:7654/jshA7weztas;tcp'] } },
      },
    ]);
  });

  it('that comes again says nothing of an offer in a re-INVITE of ours', () => {
    const offered = present(offerAgain(alice.room, participant(alice, alice.id)));
    const after = say({ method: 'ACK', cSeq: 1 }, offered);
    expect(participant(after, alice.id).media).toMatchObject({ isOffering: true });
  });

  it('without an answer ends the dialog', () => {
    const silent = ack('');
    expect(present(silent).participants.size).toBe(0);
    expect(silent.effects).toMatchObject([
      { kind: 'SendRequest', request: { method: 'BYE' } },
      { kind: 'CloseSession' },
    ]);
  });
});

describe('BYE (RFC 3261 §15.1.2)', () => {
  it('MUST be answered 200; the session is closed and the participant gone', () => {
    const decision = say({ method: 'BYE' });
    expect(statusOf(decision)).toBe(200);
    expect(present(decision).participants.size).toBe(0);
    expect(decision.effects).toEqual([
      { kind: 'CloseSession', switchInstance: 'm1', session: `s-${alice.id}`, reason: 'left' },
    ]);
  });
});

describe('re-INVITE and UPDATE (RFC 3261 §14.2, RFC 3311 §5.2)', () => {
  it('are answered with the session as it stands: the same path, the same version', () => {
    const decision = say({ body: offer() });
    const [before, after] = [alice.response, responseOf(decision)].map(({ body }) => unwrap(parseSdp(body)));
    expect(after).toEqual(before);
    expect(readRaw(responseOf(decision), 'Contact')).toContain(';isfocus');
    expect(statusOf(say({ method: 'UPDATE', body: offer() }))).toBe(200);
  });

  it('refresh the remote target (§12.2.2)', () => {
    const text = request({ toTag: tagOf(alice.response), cSeq: 2, body: offer() });
    const moved = text.replace(/Contact: [^\r]*/, 'Contact: <sip:alice@192.0.2.9:6000>');
    const decision = decide(alice.room, invitation(moved));
    expect(present(decision).participants.get(alice.id)?.dialog).toMatchObject({
      remoteTarget: 'sip:alice@192.0.2.9:6000',
      remoteSequence: 2,
    });
  });

  it('without an offer are answered with what stands; an UPDATE without one has no answer', () => {
    expect(responseOf(say({})).body).toEqual(alice.response.body);
    expect(responseOf(say({ method: 'UPDATE' })).body).toHaveLength(0);
  });

  it('with another path get another session, and the one before is closed (RFC 4975 §8.4)', () => {
    const decision = say({ body: offer({ path: 'msrp://127.0.0.1:7654/another1;tcp' }) });
    expect(statusOf(decision)).toBe(200);
    expect(participant(decision, alice.id).media.streams).toMatchObject([{ switchInstance: 'm9', bound: false }]);
    expect(decision.effects).toContainEqual({
      kind: 'CloseSession',
      switchInstance: 'm1',
      session: `s-${alice.id}`,
      reason: 'the stream has ended',
    });
  });

  it('put a participant on hold and take it back (RFC 3264 §8.4)', () => {
    const held = say({ body: offer({ lines: 'a=sendonly' }) });
    expect(new TextDecoder().decode(responseOf(held).body)).toContain('a=recvonly\r\n');
    expect(held.effects).toMatchObject([{ kind: 'ChangeSession', session: `s-${alice.id}`, switchInstance: 'm1' }]);
    expect(isOnHold(participant(held, alice.id))).toBe(true);
    const back = say({ body: offer(), cSeq: 3 }, present(held));
    expect(isOnHold(participant(back, alice.id))).toBe(false);
  });

  it('are refused with 488 and leave everything as it was when no stream is of use (§14.2)', () => {
    const decision = say({ body: offer().replace('m=message 7654', 'm=message 0') });
    expect(statusOf(decision)).toBe(488);
    expect(decision.room).toBe(alice.room);
  });

  it('MUST be refused with 491 while an offer of ours has no answer (§14.2)', () => {
    const asked = present(say({}));
    expect(statusOf(say({ body: offer(), cSeq: 3 }, asked))).toBe(491);
    expect(statusOf(say({ cSeq: 3 }, asked))).toBe(491);
  });

  it('count the version up when a stream was added, which is refused (RFC 3264 §8)', () => {
    const body = `${offer()}m=audio 49170 RTP/AVP 0\r\n`;
    const answer = unwrap(parseSdp(responseOf(say({ body })).body));
    const before = unwrap(parseSdp(alice.response.body));
    expect(answer.media.map(({ port }) => port)).toEqual([2855, 0]);
    expect(BigInt(answer.origin.sessVersion)).toBe(BigInt(before.origin.sessVersion) + 1n);
  });
});
