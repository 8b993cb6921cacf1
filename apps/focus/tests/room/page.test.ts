import { describe, expect, it } from 'vitest';
import { showRoom } from '../../src/room/operator.ts';
import { pageOf } from '../../src/room/page.ts';
import type { Page } from '../../src/room/page.ts';
import type { Room } from '../../src/room/room.ts';
import { join, roomWith } from '../scene.ts';

const room = ['1', '22', '333', '4444', '55555'].reduce<Room>(
  (before, callId) => join(before, { callId }).room,
  roomWith(),
);
const ids = [...room.participants.keys()];

function page(wanted: Page): readonly [shown: readonly string[], next: string | undefined] {
  const { answer } = pageOf(showRoom(room, ''), wanted);
  if (answer.kind !== 'room') throw new Error(`expected a room, got ${answer.kind}`);
  return [[...answer.room.participants.keys()], answer.next];
}

describe('a room that is shown in pages', () => {
  it('shows every participant once, in the order in which they came', () => {
    expect(page({ limit: 2 })).toEqual([ids.slice(0, 2), ids[1]]);
    expect(page({ limit: 2, after: ids[1] })).toEqual([ids.slice(2, 4), ids[3]]);
    expect(page({ limit: 2, after: ids[3] })).toEqual([ids.slice(4), undefined]);
  });

  it('shows all of them when nothing is said, and none when none are wanted', () => {
    expect(page({})).toEqual([ids, undefined]);
    expect(page({ limit: 0 })).toEqual([[], undefined]);
    expect(page({ limit: 5 })).toEqual([ids, undefined]);
  });

  it('is begun anew when the one behind whom a page begins has left', () => {
    const { answer } = pageOf(showRoom(room, ''), { limit: 2, after: 'gone' });
    expect(answer).toMatchObject({ kind: 'refused', refusal: { status: 409 } });
  });
});
