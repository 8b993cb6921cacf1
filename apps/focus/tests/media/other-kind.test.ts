import { ok, unwrap } from '@parley/prelude';
import { createRequest, readRaw } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import type { ParticipantKind, ParticipantMedia } from '../../src/media/participant-kind.ts';
import { announce, deleteRoom } from '../../src/room/operator.ts';
import { completeJoin, planJoin } from '../../src/room/join.ts';
import { isConnected, isOnHold } from '../../src/room/participant.ts';
import { planChange, completeChange } from '../../src/room/renegotiate.ts';
import type { Room } from '../../src/room/room.ts';
import { switchLost } from '../../src/room/sessions.ts';
import { withNews } from '../../src/room/roster.ts';
import { callerOf } from '../../src/room/within-dialog.ts';
import { noOtherMedia } from '../../src/media/media-leg.ts';
import { msrpKind } from '../../src/media/msrp-kind.ts';
import { offer, request } from '../messages.ts';
import { invitation, join, lobby, present, responseOf, roomWith, statusOf, surroundings } from '../scene.ts';

/** One who is sent each message as a request, as field notes on page-mode groups have it; for tests alone. */
interface PageMedia extends ParticipantMedia {
  readonly isAsleep: boolean;
}

const page: ParticipantKind<PageMedia> = {
  name: 'page',
  takes: (asked) => (readRaw(asked, 'Contact') ?? '').endsWith(';text'),
  plan: () => ok({ kind: page, offer: undefined, wishes: [] }),
  open: () => ({ kind: page, isAsleep: false }),
  description: () => new Uint8Array(),
  isConnected: ({ isAsleep }) => !isAsleep,
  isOnHold: ({ isAsleep }) => isAsleep,
  eachSwitch: () => {},
  withoutSwitch: (media) => media,
  connectBy: () => undefined,
  changeTerms: () => [],
  deliver: (_, { reach, dialog }, text) => {
    const asked = createRequest({
      method: 'MESSAGE',
      requestUri: dialog.remoteTarget,
      fields: [['Content-Type', 'text/plain']],
      body: new TextEncoder().encode(text),
    });
    return [{ kind: 'SendRequest', reach, request: asked }];
  },
  close: () => [],
};

const around = surroundings({ kinds: [page, msrpKind] });

/** A room with Alice over MSRP, and Bob, who is sent pages. */
function mixedRoom(): { readonly room: Room; readonly bob: string; readonly toTag: string } {
  const { room } = join(roomWith({ persistent: true }));
  const text = request({ user: 'bob' }).replace(/^Contact: .*$/m, 'Contact: <sip:bob@127.0.0.1:5555>;text');
  const came = invitation(text, { identity: 'sip:bob@localhost', commandId: 'bob' });
  const plan = unwrap(planJoin(room, came, 0, around));
  expect(plan.wishes).toEqual([]);
  const decision = completeJoin(room, lobby, plan, new Map(), around);
  const { body, statusCode } = responseOf(decision);
  expect([statusCode, body.length]).toEqual([200, 0]);
  const toTag = /tag=(\w+)/.exec(readRaw(responseOf(decision), 'To') ?? '')?.[1] ?? '';
  return { room: present(decision), bob: plan.participant, toTag };
}

describe('a participant of another kind than MSRP', () => {
  it('is let in without a session, and shown as connected', () => {
    const { room, bob } = mixedRoom();
    const one = room.participants.get(bob)!;
    expect([isConnected(one), isOnHold(one)]).toEqual([true, false]);
    const [, news] = withNews(undefined, room);
    expect(news?.joined.map(({ identity }) => identity)).toEqual(['sip:alice@localhost', 'sip:bob@localhost']);
  });

  it('hears the room in its own way, the others at their switch', () => {
    const { effects } = announce(mixedRoom().room, 'Dinner');
    expect(effects).toMatchObject([
      { kind: 'Announce', switchInstance: 'm1', text: 'Dinner' },
      { kind: 'SendRequest', request: { method: 'MESSAGE' } },
    ]);
  });

  it('does not notice that a switch is gone', () => {
    const { room, bob } = mixedRoom();
    const lost = switchLost(room, 'm1', 0);
    expect(present(lost).participants.get(bob)).toBe(room.participants.get(bob));
    expect(lost.effects).toHaveLength(1);
  });

  it('refreshes its dialog without a description, and has no use for one: 488 (RFC 3261 §14.2)', () => {
    const { room, toTag } = mixedRoom();
    const change = (body: string) => {
      const came = invitation(request({ user: 'bob', toTag, cSeq: 2, body }), { identity: '' });
      const caller = unwrap(callerOf(room, came));
      return planChange(caller.room, caller.participant, came, around);
    };
    const decision = completeChange(room, unwrap(change('')), new Map(), noOtherMedia, around);
    expect([statusOf(decision), responseOf(decision).body.length]).toEqual([200, 0]);
    expect(change(offer())).toMatchObject({ ok: false, error: { status: 488 } });
  });

  it('hears a BYE when the room ends, and no switch is told of it', () => {
    const { effects } = deleteRoom(mixedRoom().room);
    const kinds = effects.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['CloseHub', 'CloseSession', 'ForgetHistory', 'SendRequest', 'SendRequest']);
  });
});
