import { describe, expect, it } from 'vitest';
import { RoomLog } from '../../src/history/room-log.ts';
import type { Unwritten } from '../../src/history/room-log.ts';

const said = (at: number, octets: Uint8Array): Unwritten => ({
  said: { messageId: `${at}`, nickname: '', senderOf: (from) => from, at },
  recorded: { octets, upload: undefined },
});
const timesOf = (some: readonly Unwritten[]): readonly number[] => some.map((one) => one.said.at);

describe('What waits to be written of a room', () => {
  it('is the newest, as many as its policy keeps', () => {
    const log = new RoomLog('sip:lobby@chat.localhost', 3);
    for (let i = 1; i <= 20; i++) log.add(said(i, new Uint8Array(1)));
    expect(timesOf(log.take())).toEqual([18, 19, 20]);
    log.add(said(21, new Uint8Array(1)));
    log.putBack([18, 19, 20].map((at) => said(at, new Uint8Array(1))));
    expect(timesOf(log.take())).toEqual([19, 20, 21]);
    expect(log.isEmpty).toBe(true);
  });

  it('is bounded in octets while the store takes nothing', () => {
    const log = new RoomLog('sip:lobby@chat.localhost', 100_000);
    const octets = new Uint8Array(700_000);
    for (let i = 1; i <= 1000; i++) log.add(said(i, octets));
    const waiting = log.take();
    expect(waiting.length * octets.length).toBeLessThanOrEqual(32 * 1024 * 1024);
    expect(waiting.length).toBeGreaterThan(10);
    expect(waiting.at(-1)?.said.at).toBe(1000);
  });
});
