import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSwitchLimits } from '../src/limits.ts';
import { House, room, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';
import type { HeadParts, Peer, Received } from './support/peer.ts';

const contentType = 'message/cpim';
const text = cpim(uriOf('alice'), room, 'The quick brown fox jumps over the lazy dog. '.repeat(3));
const total = text.length;

/** Octets `start` to `end` of the text, as a chunk says it. */
const part = (start: number, end: number): string => text.slice(start - 1, end);

/** What a receiver's virtual buffer holds after these chunks, later ones over earlier ones. @spec RFC 4975 §7.3.1 */
function reassembled(chunks: readonly Received[]): string {
  const ends = chunks.map(({ request, body }) => (request.byteRange?.start ?? 1) - 1 + body.length);
  const buffer = Buffer.alloc(Math.max(0, ...ends), '.');
  for (const { request, body } of chunks) buffer.write(body, (request.byteRange?.start ?? 1) - 1, 'latin1');
  return buffer.toString('latin1');
}

describe('Chunks of a message (RFC 4975 §5.1, §7.1.1, §7.3.1)', () => {
  let house: House;
  let alice: Peer;
  let bob: Peer;
  let messages = 0;
  beforeAll(async () => {
    house = await House.open();
    [alice, bob] = [await house.join('alice'), await house.join('bob')];
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const newId = (): string => `chunked-message-${++messages}`;
  const chunksOf = (messageId: string): Received[] =>
    bob.sends.filter(({ request }) => request.messageId === messageId);

  function sendPart(messageId: string, start: number, end: number, flag: '$' | '+' | '#', more: HeadParts = {}) {
    const parts = { messageId, contentType, byteRange: { start, end, total }, ...more };
    return alice.ask(parts, part(start, end), flag);
  }

  async function hears(messageId: string, whole: string): Promise<void> {
    await expect.poll(() => reassembled(chunksOf(messageId)), { timeout: 30_000 }).toBe(whole);
  }

  /** Once this is answered, all that was said before has gone where it goes. */
  async function settled(): Promise<void> {
    const messageId = newId();
    await sendPart(messageId, 1, total, '$');
    await hears(messageId, text);
  }

  it('may come with a range-end of "*" and a total of "*": the chunk with "$" defines the length', async () => {
    const messageId = newId();
    const open = { start: 1, end: '*', total: '*' } as const;
    expect(await sendPart(messageId, 1, 100, '+', { byteRange: open })).toBe(200);
    expect(await sendPart(messageId, 101, total, '$', { byteRange: { ...open, start: 101 } })).toBe(200);
    await hears(messageId, text);
    expect(chunksOf(messageId).at(-1)).toMatchObject({ flag: '$', request: { byteRange: { total } } });
  });

  it('may be shorter than their range-end says: the receiver counts the payload', async () => {
    const messageId = newId();
    await sendPart(messageId, 1, 130, '+', { byteRange: { start: 1, end: 140, total } });
    await sendPart(messageId, 131, total, '$');
    await hears(messageId, text);
    expect(chunksOf(messageId)[0]?.request.byteRange).toEqual({ start: 1, end: 130, total });
  });

  it('without Byte-Range begin at 1', async () => {
    const messageId = newId();
    await sendPart(messageId, 1, total, '$', { byteRange: undefined });
    await hears(messageId, text);
  });

  it('MUST NOT be assumed to be in order: the front may come last, and "$" before "+"', async () => {
    const messageId = newId();
    expect(await sendPart(messageId, 151, total, '$')).toBe(200);
    expect(await sendPart(messageId, 51, 150, '+')).toBe(200);
    expect(chunksOf(messageId)).toHaveLength(0);
    expect(await sendPart(messageId, 1, 50, '+')).toBe(200);
    await hears(messageId, text);
    expect(chunksOf(messageId).filter(({ flag }) => flag === '$')).toHaveLength(1);
  });

  it('may leave a hole that is filled after "$", however much lies behind it', async () => {
    const messageId = newId();
    const front = part(1, 130);
    expect(await sendPart(messageId, 1, 130, '+')).toBe(200);
    expect(await sendPart(messageId, 161, total, '$')).toBe(200);
    await expect.poll(() => chunksOf(messageId).length).toBe(2);
    expect(reassembled(chunksOf(messageId)).startsWith(front)).toBe(true);
    expect(await sendPart(messageId, 131, 160, '+', { successReport: 'yes' })).toBe(200);
    await hears(messageId, text);
    const { request } = await alice.reported(1);
    expect(request).toMatchObject({ messageId, status: { code: 200 }, byteRange: { start: 1, end: total, total } });
  });

  it('may overlap: the last one received takes precedence', async () => {
    const messageId = newId();
    const last = text.replaceAll('lazy dog', 'busy cat');
    await sendPart(messageId, 1, 170, '+');
    await sendPart(messageId, 141, total, '$', {});
    await alice.ask({ messageId, contentType, byteRange: { start: 1, end: total, total } }, last);
    await settled();
    const again = newId();
    await alice.ask({ messageId: again, contentType, byteRange: { start: 1, end: 190, total } }, part(1, 190), '+');
    await alice.ask({ messageId: again, contentType, byteRange: { start: 141, end: total, total } }, last.slice(140));
    await hears(again, last);
  });

  it('that overlap while the front is missing are put together in the order in which they came', async () => {
    const messageId = newId();
    await sendPart(messageId, 41, 120, '+');
    await sendPart(messageId, 101, 130, '+');
    await sendPart(messageId, 1, 60, '+');
    await sendPart(messageId, 131, total, '$');
    await hears(messageId, text);
  });

  it('cannot write over the head by which the switch knew whose it was', async () => {
    const messageId = newId();
    await sendPart(messageId, 1, 180, '+');
    const forged = part(1, 180).replace('sip:alice@', 'sip:carol@');
    const byteRange = { start: 2, end: 180, total };
    expect(await alice.ask({ messageId, contentType, byteRange }, forged.slice(1), '+')).toBe(200);
    await sendPart(messageId, 181, total, '$');
    await hears(messageId, text);
    for (const { body } of chunksOf(messageId)) expect(body).not.toContain('carol');
  });

  it('are not kept without end while the front is missing: 413, stop sending', async () => {
    const messageId = newId();
    const many = 'x'.repeat(40_000);
    const at = (start: number) => ({
      messageId,
      contentType,
      byteRange: { start, end: start + 39_999, total: 900_000 },
    });
    expect(await alice.ask(at(10_001), many, '+')).toBe(200);
    expect(await alice.ask(at(50_001), many, '+')).toBe(413);
    expect(await alice.ask(at(90_001), many, '$')).toBe(413);
  });

  it('with more holes than can be kept in mind are refused with 413', async () => {
    const messageId = newId();
    expect(await sendPart(messageId, 1, 180, '+', { byteRange: { start: 1, end: 180, total: 900 } })).toBe(200);
    const codes = [];
    for (let start = 200; start < 350; start += 2) {
      const byteRange = { start, end: start, total: 900 };
      codes.push(await alice.ask({ messageId, contentType, byteRange }, '.', '+'));
      if (codes.at(-1) !== 200) break;
    }
    expect(codes.at(-1)).toBe(413);
    await expect.poll(() => chunksOf(messageId).at(-1)?.flag).toBe('#');
  });

  it('that contradict the total are refused with 400, and the message is broken off', async () => {
    const messageId = newId();
    await sendPart(messageId, 1, 180, '+');
    const behind = { start: total + 1, end: '*', total: '*' } as const;
    expect(await alice.ask({ messageId, contentType, byteRange: behind }, 'more', '+')).toBe(400);
    await expect.poll(() => chunksOf(messageId).at(-1)?.flag).toBe('#');
  });

  it('above 2048 octets MUST have "*" as range-end in the copies (RFC 4975 §7.1.1)', async () => {
    const messageId = newId();
    const long = cpim(uriOf('alice'), room, 'x'.repeat(5000));
    await alice.say(long, { messageId });
    await hears(messageId, long);
    for (const { request, body } of chunksOf(messageId)) {
      if (body.length > 2048) expect(request.byteRange?.end).toBe('*');
      expect(request.byteRange?.total).toBe(long.length);
    }
  });

  it('without content end a message too', async () => {
    const messageId = newId();
    await sendPart(messageId, 1, total, '+');
    expect(await alice.ask({ messageId, byteRange: { start: total + 1, end: total, total } })).toBe(200);
    await expect.poll(() => chunksOf(messageId).at(-1)?.flag).toBe('$');
    expect(reassembled(chunksOf(messageId))).toBe(text);
  });

  it('that are aborted before the front came leave no trace, nor does their beginning come later', async () => {
    const messageId = newId();
    await sendPart(messageId, 151, 160, '+');
    await sendPart(messageId, 161, 165, '#');
    await settled();
    expect(chunksOf(messageId)).toHaveLength(0);
  });

  it('MUST have a Message-ID, content or not (RFC 4975 §7.1.1)', async () => {
    expect(await alice.ask({})).toBe(400);
    expect(await alice.ask({ contentType }, text)).toBe(400);
  });

  it('wait for the type of what is wrapped, so that nobody gets what it cannot take', async () => {
    const picky = await house.join('picky', { acceptTypes: [contentType], acceptWrappedTypes: ['text/plain'] });
    const html = cpim(uriOf('alice'), room, '<b>', 'text/html');
    const cut = html.indexOf('Content-Type') + 5;
    const messageId = newId();
    const range = (start: number, end: number) => ({ start, end, total: html.length });
    await alice.ask({ messageId, contentType, byteRange: range(1, cut) }, html.slice(0, cut), '+');
    await alice.ask({ messageId, contentType, byteRange: range(cut + 1, html.length) }, html.slice(cut));
    await hears(messageId, html);
    await alice.say(text, { messageId: 'what-it-takes' });
    expect((await picky.heard(1)).request.messageId).toBe('what-it-takes');
    picky.socket.destroy();
  });
});

describe('One Message-ID, one message (RFC 4975 §7.1.1)', () => {
  it('nobody can add to the message of another by its Message-ID', async () => {
    await using house = await House.open();
    const [alice, mallory, bob] = [await house.join('alice'), await house.join('mallory'), await house.join('bob')];
    const forged = cpim(uriOf('mallory'), room, 'x'.repeat(total));
    const parts = { messageId: 'known-to-all', contentType };
    await alice.ask({ ...parts, byteRange: { start: 1, end: 150, total } }, part(1, 150), '+');
    await bob.heard(1);
    expect(await mallory.say(forged, parts)).toBe(200);
    expect(await alice.ask({ ...parts, byteRange: { start: 151, end: total, total } }, part(151, total))).toBe(200);
    await bob.heard(3);
    const [first, other, last] = bob.sends;
    expect([first?.request.messageId, last?.request.messageId]).toEqual(['known-to-all', 'known-to-all']);
    expect(other?.body).toBe(forged);
    expect(other?.request.messageId).not.toBe('known-to-all');
    // Over and done with, the name is free.
    await mallory.say(forged, parts);
    expect((await bob.heard(4)).request.messageId).toBe('known-to-all');
  });
});

describe('A recipient that refuses a chunk (RFC 4975 §10.5)', () => {
  it('is sent no further chunks of that message, but the next message', async () => {
    await using house = await House.open();
    const [alice, bob, carol] = [await house.join('alice'), await house.join('bob'), await house.join('carol')];
    const parts = { messageId: 'too-much', contentType };
    await alice.ask({ ...parts, byteRange: { start: 1, end: 150, total } }, part(1, 150), '+');
    await bob.respond(await bob.heard(1), 413);
    await alice.ask({ ...parts, byteRange: { start: 151, end: 160, total } }, part(151, 160), '+');
    await alice.ask({ ...parts, byteRange: { start: 161, end: total, total } }, part(161, total));
    await alice.say(text, { messageId: 'the-next' });
    await carol.heard(4);
    expect((await bob.heard(2)).request.messageId).toBe('the-next');
    expect(await house.metric('parley_msrp_passed_over_total{reason="refused"')).toMatch(/ 1$/);
  });
});

describe('A message that went on without its front (RFC 7701 §6.1)', () => {
  it('is given up when its time is up, and what comes later is refused with 413', async () => {
    await using house = await House.open({ limits: { ...defaultSwitchLimits, chunkTime: 100 } });
    const alice = await house.join('alice');
    const parts = { messageId: 'no-front', contentType };
    expect(await alice.ask({ ...parts, byteRange: { start: 9, end: 12, total } }, 'rest', '+')).toBe(200);
    const code = (): Promise<number> => alice.ask({ ...parts, byteRange: { start: 13, end: 16, total } }, 'more', '+');
    await expect.poll(code, { interval: 120, timeout: 30_000 }).toBe(413);
  });
});
