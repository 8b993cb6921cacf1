import { describe, expect, it } from 'vitest';
import { nicknameChanged } from '../../src/room/sessions.ts';
import { withNews } from '../../src/room/roster.ts';
import { join, present, roomWith } from '../scene.ts';

describe('news of a roster', () => {
  const { room, id } = join(roomWith());

  it('who joined, changed or left; the version rises by one', () => {
    const [joined, first] = withNews(roomWith(), room);
    expect(first).toMatchObject({ version: 1, joined: [{ id }], changed: [], left: [], deleted: false });
    const [named, second] = withNews(joined, present(nicknameChanged(joined, id, 'Ali')));
    expect(second).toMatchObject({ version: 2, joined: [], changed: [{ id, nickname: 'Ali' }], left: [] });
    const [, third] = withNews(named, { ...named!, participants: new Map() });
    expect(third).toMatchObject({ version: 3, left: [id] });
  });

  it('none where nothing that is shown changed', () => {
    const participant = room.participants.get(id)!;
    const dialog = { ...participant.dialog, remoteSequence: 7 };
    const after = { ...room, participants: new Map([[id, { ...participant, dialog }]]) };
    expect(withNews(room, after)).toEqual([after, undefined]);
    expect(withNews(undefined, undefined)).toEqual([undefined, undefined]);
  });

  it('of a policy that changed names nobody, so that observers look', () => {
    const [, news] = withNews(room, { ...room, policy: { ...room.policy, hideMembers: true } });
    expect(news).toEqual({ version: room.version + 1, joined: [], changed: [], left: [], deleted: false });
  });

  it('of a room that is gone says so', () => {
    expect(withNews(room, undefined)[1]).toMatchObject({ version: room.version + 1, left: [id], deleted: true });
  });
});
