import { createMemoryBroker, OwnershipLost } from '@parley/bus';
import { participantKey, roomKey } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { participantRecord } from '../../src/adapters/participant-record.ts';
import { listRooms } from '../../src/adapters/room-list.ts';
import { saveRoom } from '../../src/adapters/save-room.ts';
import { noRoom, roomBuckets } from '../../src/adapters/stored-room.ts';
import { takeUpRoom } from '../../src/adapters/take-up-room.ts';
import { isMsrp, withBound } from '../../src/media/msrp-media.ts';
import type { Participant } from '../../src/room/participant.ts';
import { defaultPolicy } from '../../src/room/policy.ts';
import { withEach } from '../../src/room/room.ts';
import { join, lobby, roomWith } from '../scene.ts';

const defaults = defaultPolicy(10_000);

function owner(epoch: number) {
  const own = { shard: 0, epoch, valid: true, isValid: () => own.valid };
  return own;
}

function open() {
  const buckets = roomBuckets(createMemoryBroker({ clock: new SimulatedClock() }).connect());
  const alone = join(roomWith({ members: ['sip:x@localhost'], nicknameScope: 'domain' }, 'sip:alice@localhost'));
  const { room } = join(alone.room, { user: 'bob' });
  return { buckets, room: { ...room, version: 2, commands: [{ id: 'c1', outcome: true as const }] }, alone };
}

/** Somebody whose first stream has its connection. */
function bindFirst(one: Participant): Participant {
  const { media } = one;
  return isMsrp(media) ? { ...one, media: withBound(media, media.streams[0]!.session) } : one;
}

describe('a stored room', () => {
  it('is read as it was written, under a version above all that were told, so that observers look', async () => {
    const { buckets, room } = open();
    const { version: _, participants: __, ...rest } = room;
    const { versionLimit } = await saveRoom(buckets, noRoom(), room, owner(5));
    const again = await takeUpRoom(buckets, lobby, owner(5), defaults);
    expect(again).toMatchObject({ isRenewed: true, room: { version: versionLimit + 1, ...rest } });
    const taken = await takeUpRoom(buckets, lobby, owner(6), defaults);
    expect(taken).toMatchObject({ isRenewed: true, room: rest });
    expect(taken.room?.version).toBeGreaterThan(again.versionLimit);
    const bound = withEach(room, bindFirst);
    expect([...taken.room!.participants]).toEqual([...bound.participants]);
  });

  it('is not written for who is told of a version that its record allows, nor for a session that is bound', async () => {
    const { buckets, room } = open();
    const stored = await saveRoom(buckets, noRoom(), room, owner(5));
    const bound = withEach(room, bindFirst);
    const later = await saveRoom(buckets, stored, { ...bound, version: stored.versionLimit }, owner(5));
    expect(later.revisions).toEqual(stored.revisions);
    const above = await saveRoom(buckets, later, { ...bound, version: stored.versionLimit + 1 }, owner(5));
    expect(above.versionLimit).toBeGreaterThan(stored.versionLimit);
    expect(above.revisions.room).toBeGreaterThan(stored.revisions.room ?? 0);
    expect(above.revisions.participants).toEqual(stored.revisions.participants);
  });

  it('is not stored for an owner whose lease ended while it was written', async () => {
    const { buckets, room } = open();
    let writes = 0;
    const late = { ...owner(5), isValid: () => ++writes <= 3 };
    await expect(saveRoom(buckets, noRoom(), room, late)).rejects.toThrow(OwnershipLost);
    expect(unwrap(await buckets.rooms.keys())).toHaveLength(3);
  });

  it('is written by one owner: the former one fails at the first record', async () => {
    const { buckets, room } = open();
    const former = await saveRoom(buckets, noRoom(), room, owner(5));
    await takeUpRoom(buckets, lobby, owner(6), defaults);
    const changed = withEach(room, (one) => ({ ...one, nickname: 'Ali' }));
    await expect(saveRoom(buckets, former, changed, owner(5))).rejects.toThrow(OwnershipLost);
    await expect(saveRoom(buckets, former, { ...room, creator: 'x' }, owner(5))).rejects.toThrow(OwnershipLost);
    await expect(saveRoom(buckets, former, undefined, owner(5))).rejects.toThrow(OwnershipLost);
    const { room: kept } = await takeUpRoom(buckets, lobby, owner(6), defaults);
    expect([...kept!.participants.values()].map(({ nickname }) => nickname)).toEqual(['', '']);
  });

  it('says of no command that it was carried out before it was', async () => {
    const { buckets, room } = open();
    const first = owner(5);
    const stored = await saveRoom(buckets, noRoom(), room, first);
    const renamed = withEach(room, (one) => ({ ...one, nickname: 'Ali' }));
    const change = { ...renamed, commands: [{ id: 'rename', outcome: true as const }] };
    let writes = 0;
    first.isValid = () => writes++ < 1;
    await expect(saveRoom(buckets, stored, change, first)).rejects.toThrow(OwnershipLost);
    const { room: found } = await takeUpRoom(buckets, lobby, owner(6), defaults);
    expect(found?.commands).toEqual(room.commands);
  });

  it('is not taken up by an owner that slept while another took it', async () => {
    const { buckets, room } = open();
    await saveRoom(buckets, noRoom(), room, owner(5));
    const sleeper = owner(6);
    await takeUpRoom(buckets, lobby, owner(7), defaults);
    await expect(takeUpRoom(buckets, lobby, sleeper, defaults)).rejects.toThrow(OwnershipLost);
    sleeper.valid = false;
    await expect(takeUpRoom(buckets, lobby, sleeper, defaults)).rejects.toThrow(OwnershipLost);
    expect((await takeUpRoom(buckets, lobby, owner(7), defaults)).room?.participants.size).toBe(2);
  });

  it('has no participants that a former owner added too late', async () => {
    const { buckets, room, alone } = open();
    await saveRoom(buckets, noRoom(), room, owner(5));
    await takeUpRoom(buckets, lobby, owner(6), defaults);
    const late = { ...alone.room.participants.get(alone.id)!, id: 'late' };
    await buckets.participants.put(participantKey(lobby, 'late'), participantRecord(late, 5));
    const taken = await takeUpRoom(buckets, lobby, owner(7), defaults);
    expect([...taken.room!.participants.keys()]).toEqual([...room.participants.keys()]);
    expect(unwrap(await buckets.participants.get(participantKey(lobby, 'late')))).toBeUndefined();
  });

  it('that is gone has taken its participants along', async () => {
    const { buckets, room } = open();
    const stored = await saveRoom(buckets, noRoom(), room, owner(5));
    await saveRoom(buckets, stored, undefined, owner(5));
    expect(unwrap(await buckets.rooms.keys())).toEqual([]);
    const { room: gone, revisions } = await takeUpRoom(buckets, lobby, owner(6), defaults);
    expect([gone, revisions.room, revisions.participants.size]).toEqual([undefined, undefined, 0]);
  });

  it.each([1, 2, 3])(
    'that lasts as long as its participants is never seen without them (cut off at write %i)',
    async (at) => {
      const { buckets, room } = open();
      const passing = { ...room, policy: { ...room.policy, persistent: false } };
      const stored = await saveRoom(buckets, noRoom(), passing, owner(5));
      let writes = 0;
      const interrupted = { ...owner(5), isValid: () => ++writes < at };
      await expect(saveRoom(buckets, stored, undefined, interrupted)).rejects.toThrow(OwnershipLost);
      const { room: left } = await takeUpRoom(buckets, lobby, owner(6), defaults);
      expect(left?.participants.size ?? 0).toBe(3 - at);
      if (at === 3) expect(unwrap(await buckets.rooms.keys())).toEqual([]);
    },
  );

  it('is never without its record while it has participants', async () => {
    const { buckets, room } = open();
    let writes = 0;
    const interrupted = { ...owner(5), isValid: () => ++writes < 2 };
    await expect(saveRoom(buckets, noRoom(), room, interrupted)).rejects.toThrow(OwnershipLost);
    expect(unwrap(await buckets.rooms.keys())).toEqual([roomKey(lobby)]);
  });

  it('is listed in pages', async () => {
    const { buckets, room } = open();
    for (const name of ['a', 'b', 'c']) {
      const uri = `sip:${name}@chat.localhost` as typeof lobby; // a spelling that the parser gives back unchanged
      await saveRoom(buckets, noRoom(), { ...room, uri }, owner(1));
    }
    const first = unwrap(await listRooms(buckets, { limit: 2, cursor: '' }));
    expect(first.items.map(({ uri, participants }) => [uri, participants.length])).toEqual([
      ['sip:a@chat.localhost', 2],
      ['sip:b@chat.localhost', 2],
    ]);
    const second = unwrap(await listRooms(buckets, { limit: 2, cursor: first.next }));
    expect(second).toMatchObject({ items: [{ uri: 'sip:c@chat.localhost' }], next: '' });
  });
});
