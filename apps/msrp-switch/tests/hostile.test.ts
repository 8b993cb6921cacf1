import { serialiseRequest } from '@parley/msrp';
import { seededRandom } from '@parley/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House, room, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';
import type { Peer } from './support/peer.ts';

describe('What a hostile or broken sender does', () => {
  let house: House;
  let alice: Peer, bob: Peer;
  const hello = cpim(uriOf('alice'), room, 'hello '.repeat(30));
  beforeAll(async () => {
    house = await House.open();
    [alice, bob] = [await house.join('alice'), await house.join('bob')];
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('cannot change what is heard by how the octets are split', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }), async (cuts) => {
        const before = bob.sends.length;
        const total = hello.length;
        const byteRange = { start: 1, end: total, total };
        const head = alice.head({ messageId: 'split-message', contentType: 'message/cpim', byteRange });
        const text = serialiseRequest(head, '$', hello);
        let at = 0;
        for (const cut of cuts) {
          alice.write(text.slice(at, at + cut));
          at += cut;
          await new Promise((resolve) => setImmediate(resolve));
        }
        alice.write(text.slice(at));
        expect((await alice.answerTo(head.transactionId)).code).toBe(200);
        expect((await bob.heard(before + 1)).body).toBe(hello);
      }),
      { numRuns: 25 },
    );
  });

  it('cannot end a recipient’s chunk by an end-line in the body', async () => {
    const before = bob.sends.length;
    const trap = cpim(uriOf('alice'), room, '\r\n-------abcdef$\r\nMSRP abcdef SEND\r\n\r\n');
    expect(await alice.say(trap)).toBe(200);
    expect((await bob.heard(before + 1)).body).toBe(trap);
  });

  it('cannot keep more messages open than the limit', async () => {
    const codes = new Set<number>();
    for (let i = 0; i < 70; i++) {
      const byteRange = { start: 1, end: hello.length, total: 9999 };
      codes.add(await alice.ask({ messageId: `open-${i}`, contentType: 'message/cpim', byteRange }, hello, '+'));
    }
    expect([...codes].sort()).toEqual([200, 413]);
    for (let i = 0; i < 70; i++) {
      const byteRange = { start: hello.length + 1, end: hello.length, total: 9999 };
      alice.shout('', { messageId: `open-${i}`, byteRange }, '#');
    }
    expect(await alice.say(hello)).toBe(200);
  });

  it.each([
    ['octets held back than the limit, by beginning it anew each time', () => 1, 'x'.repeat(8000)],
    ['pieces of it remembered than the limit, by leaving holes', (i: number) => 2 * i + 2, ''],
  ])('cannot have more %s (RFC 4975 §7.3.1)', async (_, startOf, body) => {
    const before = alice.responses.length;
    for (let i = 0; i < 70; i++) {
      const byteRange = { start: startOf(i), end: '*' as const, total: '*' as const };
      alice.shout(body, { messageId: 'never-begun', byteRange }, '+');
    }
    await alice.bind();
    expect(new Set(alice.responses.slice(before, before + 70).map(({ code }) => code))).toEqual(new Set([200, 413]));
    alice.shout('', { messageId: 'never-begun' }, '#');
    expect(await alice.say(hello)).toBe(200);
  });

  it('cannot bring the switch down with noise', async () => {
    const random = seededRandom(1);
    for (let i = 0; i < 30; i++) {
      const mallory = await house.join(`mallory${i}`);
      const noise = Buffer.from(random.bytes(300)).toString('latin1');
      mallory.write(i % 2 === 0 ? noise : serialiseRequest(mallory.head({ contentType: 'message/cpim' }), '$', noise));
      mallory.socket.end();
    }
    expect(await alice.say(hello)).toBe(200);
  });

  it('cannot make the switch repeat what would break a line', async () => {
    for (const evil of ['sip:x\u0001y@z', 'sip:x\ty@z', 'sip:x\u007fy@z', 'sip:\\r\\nX@z', 'sip:%0d%0aX@z']) {
      expect([200, 400]).toContain(await alice.say(cpim(uriOf('alice'), evil, 'boo')));
    }
    expect(await alice.say(hello)).toBe(200);
    expect(await house.metric('parley_msrp_connections_total{event="failed"')).toBeUndefined();
  });

  it('is answered, and does not lose the session, when a request is malformed', async () => {
    const head = alice.head({ contentType: 'message/cpim', messageId: 'x'.repeat(80) });
    alice.write(serialiseRequest(head, '$', hello));
    expect((await alice.answerTo(head.transactionId)).code).toBe(400);
    expect(await alice.say(hello)).toBe(200);
  });
});
