import { unwrap } from '@parley/prelude';
import { field, read, readRaw } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { participantOf, participantRecord } from '../../src/adapters/participant-record.ts';
import { expel } from '../../src/room/persons.ts';
import type { Room } from '../../src/room/room.ts';
import { notifyWatcher, shareDialog } from '../../src/room/watch.ts';
import { callerOf, decideWithinDialog } from '../../src/room/within-dialog.ts';
import type { RequestShape } from '../messages.ts';
import { request } from '../messages.ts';
import { invitation, join, now, participant, present, roomWith, surroundings } from '../scene.ts';

const alice = join(roomWith());
const toTag = unwrap(read(alice.response, field.to))?.tag ?? '';

function subscribe(room: Room | undefined, more: RequestShape = {}) {
  const text = request({ method: 'SUBSCRIBE', toTag, cSeq: 2, ...more });
  return shareDialog(room, invitation(text, { identity: '', reach: { edgeInstance: 'e2', flow: 'f2' } }));
}

const notice = {
  participant: alice.id,
  event: 'conference;id=7',
  subscriptionState: 'active;expires=600',
  contentType: 'application/conference-info+xml',
  body: new TextEncoder().encode('<conference-info/>'),
  last: false,
};

describe('a subscription in the dialog of a participant (RFC 6665 §4.5.2)', () => {
  it('MUST count its SUBSCRIBE in that dialog, and move its remote target (RFC 3261 §12.2.2)', () => {
    const shared = subscribe(alice.room);
    expect(shared.answer).toEqual({ kind: 'shared', participant: alice.id, identity: 'sip:alice@localhost' });
    const { dialog, reach } = participant(shared, alice.id);
    expect(dialog).toMatchObject({ remoteSequence: 2, remoteTarget: 'sip:alice@127.0.0.1:5555;transport=tcp' });
    expect(reach).toEqual({ edgeInstance: 'e2', flow: 'f2' });
    const late = subscribe(present(shared), { cSeq: 1 });
    expect(late.answer).toMatchObject({ kind: 'refused', refusal: { status: 500 } });
  });

  it('is refused with 481 out of any dialog, and 403 under another From', () => {
    expect(subscribe(undefined).answer).toMatchObject({ refusal: { status: 481 } });
    expect(subscribe(alice.room, { toTag: 'other' }).answer).toMatchObject({ refusal: { status: 481 } });
    expect(subscribe(alice.room, { user: 'bob', fromTag: 'alice-tag', callId: 'alice-call' }).answer).toMatchObject({
      refusal: { status: 403 },
    });
  });

  it('numbers its NOTIFYs with all other requests of that dialog (RFC 3261 §12.2.1.1)', () => {
    const [first, sent] = notifyWatcher(alice.room, notice);
    const [, again] = notifyWatcher(present(first), { ...notice, contentType: '', body: new Uint8Array() });
    const heads = [sent, again].map((one) =>
      one === undefined ? [] : ['CSeq', 'Event', 'Content-Type'].map((name) => readRaw(one.request, name)),
    );
    expect(heads).toEqual([
      ['1 NOTIFY', 'conference;id=7', 'application/conference-info+xml'],
      ['2 NOTIFY', 'conference;id=7', undefined],
    ]);
    expect(sent?.request.requestUri).toBe('sip:alice@127.0.0.1:5555;transport=tcp');
    expect(participantOf(participantRecord(participant(first, alice.id), 1)).watch).toBe('conference;id=7');
  });

  it('is told of to nobody who has left: 481', () => {
    const [decision, sent] = notifyWatcher(alice.room, { ...notice, participant: 'other' });
    expect(sent).toBeUndefined();
    expect(decision.answer).toMatchObject({ kind: 'refused', refusal: { status: 481 } });
  });

  it('ends with the dialog: a last NOTIFY, then the BYE of the focus (RFC 5057 §5.1)', () => {
    const [watched] = notifyWatcher(alice.room, notice);
    const { effects } = expel(present(watched), 'sip:alice@localhost', surroundings());
    const sent = effects.flatMap((effect) => (effect.kind === 'SendRequest' ? [effect.request] : []));
    expect(sent.map((one) => readRaw(one, 'CSeq'))).toEqual(['2 NOTIFY', '3 BYE']);
    expect(readRaw(sent[0]!, 'Subscription-State')).toBe('terminated;reason=noresource');
  });

  it('ends with a BYE of the participant as well, and with its own last NOTIFY but once', () => {
    const [watched] = notifyWatcher(alice.room, notice);
    const bye = invitation(request({ method: 'BYE', toTag, cSeq: 3 }), { identity: '' });
    const leave = (room: Room): readonly string[] => {
      const { effects } = decideWithinDialog(unwrap(callerOf(room, bye)), bye.request, now);
      return effects.flatMap((effect) => (effect.kind === 'SendRequest' ? [effect.request.method] : []));
    };
    expect(leave(present(watched))).toEqual(['NOTIFY']);
    const [ended] = notifyWatcher(present(watched), { ...notice, last: true });
    expect(leave(present(ended))).toEqual([]);
  });
});
