import type { history } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { RoomPage } from '../../src/history/room-pages.ts';

const bounds = { limit: 50, since: 0, oldest: 1, octets: 1000, contents: 5000, withoutRecalled: false };
const nothing = new Uint8Array();
const entry = (messageId: string, more: Partial<history.HistoryEntry>): history.HistoryEntry => ({
  ...{ messageId, from: '', nickname: '', at: 1, contentType: 'text/plain', head: nothing, content: nothing },
  ...{ object: '', size: 0, ...more },
});
const pageOf = (entries: history.HistoryEntry[]): history.HistoryPage => {
  const page = new RoomPage(bounds);
  const isAll = page.take({ sequence: 7, batch: { entries, first: 1, before: 0 } }, Infinity);
  return page.finish(!isAll);
};
const inline = (id: string, size: number) => entry(id, { content: new Uint8Array(size), size });
const stored = (id: string, size: number) => entry(id, { object: id, size });

describe('A page of a history', () => {
  it('ends before its answer is too large', () => {
    expect(pageOf([inline('a', 400), inline('b', 400), inline('c', 400)])).toMatchObject({
      items: [{ messageId: 'b' }, { messageId: 'c' }],
      next: '7-1',
    });
  });

  it('ends before its contents are too large, wherever they are', () => {
    expect(pageOf([stored('a', 2000), stored('b', 2000), stored('c', 2000)])).toMatchObject({
      items: [{ messageId: 'b' }, { messageId: 'c' }],
      next: '7-1',
    });
  });

  it('has one that is too large alone', () => {
    expect(pageOf([inline('a', 1), stored('b', 9000)])).toMatchObject({ items: [{ messageId: 'b' }], next: '7-1' });
  });
});
