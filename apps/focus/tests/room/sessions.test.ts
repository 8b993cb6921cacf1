import { readRaw } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import type { Effect } from '../../src/room/decision.ts';
import { meetDeadlines } from '../../src/room/deadlines.ts';
import { announce, createRoom, deleteRoom, setPolicy, showRoom } from '../../src/room/operator.ts';
import type { Room } from '../../src/room/room.ts';
import { changedParticipants } from '../../src/room/room.ts';
import {
  accountsRemoved,
  ackTimedOut,
  nicknameChanged,
  participantBound,
  participantsBound,
  participantLost,
  switchLost,
} from '../../src/room/sessions.ts';
import { offer } from '../messages.ts';
import { join, lobby, now, participant, present, roomWith, surroundings } from '../scene.ts';

const alone = join(roomWith());
const both = join(alone.room, { user: 'bob', switchInstance: 'm2' });

function kinds(effects: readonly Effect[]): readonly string[] {
  return effects.map(({ kind }) => kind);
}

function byes(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'SendRequest' ? [`${effect.request.method} ${effect.request.requestUri}`] : [],
  );
}

function named(room: Room, id: string, nickname = 'Ali'): Room {
  return present(nicknameChanged(room, id, nickname));
}

describe('what a switch tells of a session', () => {
  it('bound: the participant is connected, once', () => {
    const bound = participantBound(alone.room, alone.id, `s-${alone.id}`);
    expect(participant(bound, alone.id).media.streams[0]?.bound).toBe(true);
    expect(participantBound(bound.room, alone.id, `s-${alone.id}`).room).toBe(bound.room);
    const crowd = [
      { participant: 'nobody', session: 's' },
      { participant: alone.id, session: `s-${alone.id}` },
    ];
    expect(present(participantsBound(alone.room, crowd)).participants).toEqual(present(bound).participants);
    expect(participantsBound(bound.room, crowd).room).toBe(bound.room);
  });

  it('lost: out of the roster, with a BYE (RFC 4353 §5.3), and the nickname is released', () => {
    const lost = participantLost(named(alone.room, alone.id), alone.id, `s-${alone.id}`, 'closed "now"');
    expect(present(lost).participants.size).toBe(0);
    expect(kinds(lost.effects)).toEqual(['SendRequest', 'ReleaseNickname']);
    expect(byes(lost.effects)).toEqual(['BYE sip:alice@127.0.0.1:5555;transport=tcp']);
    const [bye] = lost.effects;
    expect(bye?.kind === 'SendRequest' && readRaw(bye.request, 'Reason')).toBe('SIP;cause=200;text="closed \\"now\\""');
    expect(bye?.kind === 'SendRequest' && readRaw(bye.request, 'Route')).toBe(
      '<sip:token@127.0.0.1:5060;transport=tcp;lr>',
    );
  });

  it('of a session that the participant no longer has: nothing', () => {
    expect(participantLost(alone.room, alone.id, 'old', '').room).toBe(alone.room);
    expect(participantBound(alone.room, alone.id, 'old').room).toBe(alone.room);
    expect(participantLost(undefined, 'x', 'y', '').answer).toEqual({ kind: 'done' });
  });

  it('a switch that died: its participants look for another one, and have 10 s to be bound there', () => {
    const bound = participantBound(both.room, alone.id, `s-${alone.id}`).room;
    const lost = switchLost(bound, 'm1', now);
    expect([...present(lost).participants.keys()]).toEqual([alone.id, both.id]);
    expect(participant(lost, alone.id).media).toMatchObject({
      streams: [{ switchInstance: '', session: '', bound: false }],
      bindBy: now + 10_000,
    });
    expect(lost.effects).toEqual([{ kind: 'Rehome', participant: alone.id }]);
    expect(switchLost(lost.room, 'm1', now).room).toBe(lost.room);
    expect(present(meetDeadlines(lost.room, now + 9_999)).participants.size).toBe(2);
    const late = meetDeadlines(lost.room, now + 10_000);
    expect([...present(late).participants.keys()]).toEqual([both.id]);
    expect(byes(late.effects)).toHaveLength(1);
  });

  it('of two streams of a participant one can be lost; with the last one it is out', () => {
    const second = 'm=message 7655 TCP/MSRP *\na=accept-types:message/cpim\na=path:msrp://127.0.0.1:7655/second;tcp';
    const twofold = join(roomWith(), { body: offer({ lines: second }) });
    const lost = participantLost(twofold.room, twofold.id, `s-${twofold.id}`, '');
    expect(participant(lost, twofold.id).media.streams).toMatchObject([{ index: 1 }]);
    expect(participantLost(lost.room, twofold.id, `s-${twofold.id}-1`, '').room?.participants.size).toBe(0);
  });
});

describe('a nickname', () => {
  it('belongs to all devices of its holder, and to nobody else', () => {
    const second = join(both.room, { callId: 'second' });
    const renamed = named(second.room, second.id);
    expect([...renamed.participants.values()].map(({ identity, nickname }) => [identity, nickname])).toEqual([
      ['sip:alice@localhost', 'Ali'],
      ['sip:bob@localhost', ''],
      ['sip:alice@localhost', 'Ali'],
    ]);
    // Nobody has to look at the others.
    expect(changedParticipants(second.room, renamed)).toEqual(new Set([alone.id, second.id]));
  });

  it('is released with the last device of its holder, in the scope that the room has', () => {
    const second = join(named(alone.room, alone.id), { callId: 'second' });
    const first = participantLost(second.room, alone.id, `s-${alone.id}`, '');
    expect(kinds(first.effects)).toEqual(['SendRequest']);
    const last = participantLost(first.room, second.id, `s-${second.id}`, '');
    expect(last.effects).toContainEqual({ kind: 'ReleaseNickname', scope: 'room', holder: 'sip:alice@localhost' });
    const domain = join(roomWith({ nicknameScope: 'domain' }));
    const left = participantLost(named(domain.room, domain.id), domain.id, `s-${domain.id}`, '');
    expect(left.effects).toContainEqual({ kind: 'ReleaseNickname', scope: 'domain', holder: 'sip:alice@localhost' });
  });
});

describe('no ACK for the 200 (RFC 3261 §13.3.1.4)', () => {
  it('SHOULD end the dialog with a BYE', () => {
    const { callId, localTag, remoteTag } = alone.room.participants.get(alone.id)!.dialog;
    const ended = ackTimedOut(alone.room, { callId, localTag, remoteTag });
    expect(kinds(ended.effects)).toEqual(['SendRequest', 'CloseSession']);
    expect(present(ended).participants.size).toBe(0);
    expect(ackTimedOut(alone.room, { callId, localTag: 'other', remoteTag }).room).toBe(alone.room);
  });
});

describe('the life of a room (RFC 4353 §5, draft-ietf-simple-chat-03 §5.3)', () => {
  it('one made by joining ends with its last participant, one that is persistent does not', () => {
    const passing = join(undefined);
    expect(participantLost(passing.room, passing.id, `s-${passing.id}`, '').room).toBeUndefined();
    expect(participantLost(alone.room, alone.id, `s-${alone.id}`, '').room).toBeDefined();
  });

  it('ends with its creator where the policy says so: the others get a BYE (draft-ietf-simple-chat-03 §5.3)', () => {
    const made = join(roomWith({ endsWithCreator: true }, 'sip:alice@localhost'));
    const full = join(made.room, { user: 'bob', switchInstance: 'm2' });
    expect(present(participantLost(full.room, full.id, `s-${full.id}`, '')).participants.size).toBe(1);
    const ended = participantLost(full.room, made.id, `s-${made.id}`, '');
    expect(ended.room).toBeUndefined();
    expect(byes(ended.effects)).toHaveLength(2);
    const second = join(full.room, { callId: 'second' });
    expect(participantLost(second.room, made.id, `s-${made.id}`, '').room?.participants.size).toBe(2);
  });

  it('whose account is gone gets a BYE at every device', () => {
    const second = join(both.room, { callId: 'second' });
    const removed = accountsRemoved(second.room, new Map([['sip:alice@localhost', now]]));
    expect([...present(removed).participants.keys()]).toEqual([both.id]);
    expect(byes(removed.effects)).toHaveLength(2);
    expect(accountsRemoved(both.room, new Map([['sip:carol@localhost', now]])).room).toBe(both.room);
  });

  it('who joined as another account of the same name stays', () => {
    const before = new Map([['sip:alice@localhost', now - 1]]);
    expect(accountsRemoved(both.room, before).room).toBe(both.room);
  });

  it('deleted: everybody gets a BYE, sessions and hubs are closed', () => {
    const deleted = deleteRoom(both.room);
    expect(deleted.room).toBeUndefined();
    expect(byes(deleted.effects)).toHaveLength(2);
    expect(kinds(deleted.effects)).toEqual([
      'SendRequest',
      'CloseSession',
      'SendRequest',
      'CloseSession',
      'CloseHub',
      'CloseHub',
      'ForgetHistory',
    ]);
    expect(deleteRoom(undefined).answer).toMatchObject({ kind: 'refused', refusal: { status: 404 } });
  });

  it('made by an operator: persistent unless said otherwise, and 409 when it exists', () => {
    expect(createRoom(undefined, lobby, {}, surroundings()).room?.policy.persistent).toBe(true);
    expect(createRoom(undefined, lobby, { persistent: false }, surroundings()).room?.policy.persistent).toBe(false);
    expect(createRoom(both.room, lobby, {}, surroundings()).answer).toMatchObject({ refusal: { status: 409 } });
  });

  it('a changed policy goes to the switches, and who is no member any more goes out', () => {
    const changed = setPolicy(both.room, { membersOnly: true, members: ['sip:bob@localhost'] });
    expect([...present(changed).participants.keys()]).toEqual([both.id]);
    expect(kinds(changed.effects)).toEqual(['UpdateHub', 'UpdateHub', 'SendRequest', 'CloseSession']);
    expect(kinds(setPolicy(both.room, { welcome: 'hi' }).effects)).toEqual(['UpdateHub', 'UpdateHub']);
  });

  it('speaks by every switch that holds participants', () => {
    expect(announce(both.room, 'hi').effects).toEqual([
      { kind: 'Announce', switchInstance: 'm1', text: 'hi' },
      { kind: 'Announce', switchInstance: 'm2', text: 'hi' },
    ]);
    expect(announce(undefined, 'hi').answer).toMatchObject({ refusal: { status: 404 } });
  });

  it('is shown by its policy: hidden members to themselves, a room for members to members', () => {
    const shown = (room: Room | undefined, identity: string) => showRoom(room, identity).answer;
    expect(shown(undefined, '')).toMatchObject({ refusal: { status: 404 } });
    const secret = { ...both.room, policy: { ...both.room.policy, password: 'x', members: ['sip:bob@localhost'] } };
    expect(shown(secret, '')).toMatchObject({ room: { policy: { password: 'x' } } });
    expect(shown(secret, 'sip:bob@localhost')).toMatchObject({ room: { policy: { password: '', members: [] } } });
    const closed = { ...secret, policy: { ...secret.policy, membersOnly: true } };
    expect(shown(closed, 'sip:carol@localhost')).toMatchObject({ refusal: { status: 403 } });
    const hidden = { ...both.room, policy: { ...both.room.policy, hideMembers: true } };
    const answer = shown(hidden, 'sip:bob@localhost');
    expect(answer.kind === 'room' && [...answer.room.participants.keys()]).toEqual([both.id]);
  });
});
