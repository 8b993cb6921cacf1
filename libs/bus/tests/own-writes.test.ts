import { describe, expect, it } from 'vitest';
import { OwnWrites } from '../src/index.ts';

const put = (key: string, revision: number) => ({ kind: 'put', key, revision, value: undefined }) as const;
const gone = (key: string, revision?: number) =>
  ({ kind: 'delete', key, ...(revision !== undefined && { revision }) }) as const;

describe('A copy of a bucket that is watched and written', () => {
  it('takes what was written, and what the watch tells of it later', () => {
    const writes = new OwnWrites();
    expect([writes.hears(put('a', 1)), writes.isNews('a', 2), writes.hears(put('a', 2))]).toEqual([true, true, true]);
  });

  it('knows its own writes again when the watch tells of them', () => {
    const writes = new OwnWrites();
    writes.isNews('a', 2);
    expect([writes.isOwn(gone('a', 2)), writes.isOwn(gone('a', 3)), writes.isOwn(gone('a'))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('does not take what the watch tells late', () => {
    const writes = new OwnWrites();
    writes.isNews('a', 7);
    expect([writes.hears(put('a', 5)), writes.hears(gone('a', 6)), writes.hears(put('b', 6))]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('does not take a write that is acknowledged after the watch told what came after it, be it the end', () => {
    const writes = new OwnWrites();
    writes.hears(gone('a', 6));
    expect([writes.isNews('a', 5), writes.isNews('b', 7)]).toEqual([false, true]);
  });

  it('takes the newer of two acknowledgements', () => {
    const writes = new OwnWrites();
    expect([writes.isNews('a', 6), writes.isNews('a', 5)]).toEqual([true, false]);
  });

  it('believes a watch that finds a key gone', () => {
    const writes = new OwnWrites();
    writes.isNews('a', 7);
    expect([writes.hears(gone('a')), writes.hears(put('a', 6))]).toEqual([true, true]);
  });
});
