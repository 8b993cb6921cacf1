import { describe, expect, it } from 'vitest';
import { joinedByCopy, sharedByCopies } from '../../src/room/merged.ts';
import { invite, request } from '../messages.ts';
import { invitation, join, now } from '../scene.ts';

const branchOf = /branch=\w+/;

describe('a copy of an INVITE that comes by another way (RFC 3261 §8.2.2.2)', () => {
  const { room } = join(undefined);
  const isMerged = (...asked: Parameters<typeof joinedByCopy>): boolean => joinedByCopy(...asked) !== undefined;
  const copy = invitation(invite().replace(branchOf, 'branch=z9hG4bKother'));

  it('is known by Call-ID, CSeq and From tag of who is in the room', () => {
    expect(isMerged(room, copy, now)).toBe(true);
    expect(sharedByCopies(copy)).toBe(sharedByCopies(invitation(invite())));
  });

  it.each([
    ['another CSeq', { cSeq: 2 }],
    ['another From tag', { fromTag: 'other' }],
    ['another Call-ID', { callId: 'other' }],
  ])('is none with %s', (_what, shape) => {
    const other = invitation(invite(shape));
    expect(isMerged(room, other, now)).toBe(false);
    expect(sharedByCopies(other)).not.toBe(sharedByCopies(copy));
  });

  it('is none of who is somebody else, however much he knows', () => {
    const stolen = { ...copy, identity: 'sip:mallory@localhost' };
    expect(isMerged(room, stolen, now)).toBe(false);
    expect(sharedByCopies(stolen)).not.toBe(sharedByCopies(copy));
  });

  it('is known by the lower number though the dialog has gone on', () => {
    const later = join(undefined, { cSeq: 4 });
    expect(isMerged(later.room, invitation(invite({ cSeq: 3 })), now)).toBe(true);
  });

  it('is a new INVITE when the transaction of the first has ended (RFC 6026 §7.1)', () => {
    expect(isMerged(room, copy, now + 32_000)).toBe(true);
    expect(isMerged(room, copy, now + 32_001)).toBe(false);
  });

  it('is none where there is no room, or nobody of that call', () => {
    expect(isMerged(undefined, copy, now)).toBe(false);
    expect(isMerged(room, invitation(request({ callId: 'strange' })), now)).toBe(false);
  });
});
