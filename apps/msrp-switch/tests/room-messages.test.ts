import { serialiseRequest, serialiseRequestHead } from '@parley/msrp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSwitchLimits } from '../src/limits.ts';
import { House, openPolicy, room, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';
import type { Peer } from './support/peer.ts';

describe('A message to the room (draft-ietf-simple-chat-03 §6.1, RFC 7701 §6.1)', () => {
  let house: House;
  let alice: Peer;
  let bob: Peer;
  let carol: Peer;
  const hello = cpim(uriOf('alice'), room, 'hello');
  beforeAll(async () => {
    house = await House.open({ environment: { PARLEY_MSRP_MAX_SIZE: '200000' } });
    [alice, bob, carol] = [await house.join('alice'), await house.join('bob'), await house.join('carol')];
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('goes to every other participant, unmodified, with its Message-ID, and is answered with 200', async () => {
    expect(await alice.say(hello, { messageId: 'first' })).toBe(200);
    for (const peer of [bob, carol]) {
      const { request, body, flag } = await peer.heard(1);
      expect(request).toMatchObject({ messageId: 'first', contentType: 'message/cpim' });
      expect(request.byteRange).toEqual({ start: 1, end: hello.length, total: hello.length });
      expect([body, flag]).toEqual([hello, '$']);
    }
    expect(alice.sends).toHaveLength(0);
  });

  it('goes to another device of the same user, and not back to the one that sent it', async () => {
    const phone = await house.join('alice', { participant: 'alice-phone' });
    await alice.say(hello, { messageId: 'device' });
    expect((await phone.heard(1)).request.messageId).toBe('device');
    phone.socket.destroy();
    expect(alice.sends).toHaveLength(0);
  });

  it('asks the recipients for no success reports and for failures alone (RFC 7701 §6.3)', async () => {
    const before = bob.sends.length;
    await alice.say(hello, { successReport: 'yes' });
    const { request } = await bob.heard(before + 1);
    expect(request).toMatchObject({ successReport: undefined, failureReport: 'partial' });
    const { request: report } = await alice.reported(1);
    expect(report).toMatchObject({ status: { code: 200 }, byteRange: { start: 1, end: hello.length } });
  });

  it('is not answered with 200 when Failure-Report is no or partial (RFC 4975 §7.1.4)', async () => {
    for (const failureReport of ['no', 'partial'] as const) {
      const [before, answered] = [bob.sends.length, alice.responses.length];
      alice.shout(hello, { failureReport });
      await bob.heard(before + 1);
      await alice.bind();
      expect(alice.responses).toHaveLength(answered + 1);
    }
  });

  it('MUST be refused with 403, and not forwarded, when CPIM From is not the sender’s', async () => {
    const before = bob.sends.length;
    expect(await alice.say(cpim(uriOf('mallory'), room, 'forged'))).toBe(403);
    expect(await alice.say(`To: <${room}>\r\n\r\nContent-Type: text/plain\r\n\r\nnobody`)).toBe(403);
    expect(await alice.say(hello)).toBe(200);
    await bob.heard(before + 1);
    expect(bob.sends).toHaveLength(before + 1);
  });

  it('MUST be refused with 403 when it has several To (RFC 7701 §6.1)', async () => {
    expect(await alice.say(cpim(uriOf('alice'), [room, uriOf('bob')], 'both'))).toBe(403);
  });

  it('MUST be refused with 415 without the CPIM wrapper (RFC 7701 §6.3)', async () => {
    expect(await alice.say('plain', { contentType: 'text/plain' })).toBe(415);
  });

  it('is refused with 400 when it is no CPIM, or has no Message-ID', async () => {
    expect(await alice.say('no head here')).toBe(400);
    expect(await alice.say('\u0001bad\r\n\r\n')).toBe(400);
    expect(await alice.say(hello, { messageId: undefined })).toBe(400);
    expect(await alice.say(`X: ${'x'.repeat(9000)}\r\n\r\n`)).toBe(400);
  });

  it('is refused with 413 above the size that the room allows', async () => {
    const byteRange = { start: 1, end: hello.length, total: 300_000 };
    expect(await alice.say(hello, { byteRange })).toBe(413);
    const endless = { start: 1, end: '*', total: '*' } as const;
    expect(await alice.say(hello + 'x'.repeat(200_000), { byteRange: endless })).toBe(413);
    expect(await alice.say(hello)).toBe(200);
  });

  it('passes over who cannot take its type or size, or is not connected, and counts them', async () => {
    const picky = await house.join('picky', { acceptTypes: ['message/cpim', 'text/plain'], acceptWrappedTypes: [] });
    const small = await house.join('small', { peerMaxSize: 50 });
    await house.offer('absent');
    const before = bob.sends.length;
    await alice.say(cpim(uriOf('alice'), room, '<b>', 'text/html'), { messageId: 'in-html' });
    await alice.say(hello, { messageId: 'in-text' });
    await bob.heard(before + 2);
    expect((await picky.heard(1)).request.messageId).toBe('in-text');
    expect(small.sends).toHaveLength(0);
    expect(await house.metric('parley_msrp_passed_over_total{reason="type"')).toMatch(/ 1$/);
    expect(await house.metric('parley_msrp_passed_over_total{reason="size"')).toMatch(/ 2$/);
    picky.socket.destroy();
    small.socket.destroy();
  });

  it('keeps chunks and flags: "+" is followed by the rest, "$" ends it', async () => {
    const before = bob.sends.length;
    const rest = 'and the rest';
    const total = hello.length + rest.length;
    const messageId = 'chunked';
    await alice.ask(
      { messageId, contentType: 'message/cpim', byteRange: { start: 1, end: hello.length, total } },
      hello,
      '+',
    );
    expect(await bob.heard(before + 1)).toMatchObject({ body: hello, flag: '+' });
    const late = await house.join('late');
    await alice.say(rest, { messageId, byteRange: { start: hello.length + 1, end: total, total } });
    expect(await bob.heard(before + 2)).toMatchObject({
      body: rest,
      flag: '$',
      request: { messageId, byteRange: { start: hello.length + 1, end: total, total } },
    });
    expect(late.sends).toHaveLength(0); // SHOULD forward only to those who were sent the initial chunks
    late.socket.destroy();
  });

  it('holds back what comes until the CPIM head is complete, in whatever pieces it comes', async () => {
    const before = bob.sends.length;
    const cut = 20;
    const parts = { messageId: 'split', contentType: 'message/cpim' };
    const total = hello.length;
    expect(await alice.ask({ ...parts, byteRange: { start: 1, end: cut, total } }, hello.slice(0, cut), '+')).toBe(200);
    expect(await alice.ask({ ...parts, byteRange: { start: cut + 1, end: total, total } }, hello.slice(cut))).toBe(200);
    expect(await bob.heard(before + 1)).toMatchObject({ body: hello, flag: '$' });
  });

  it('goes on with what came, in chunks of its own, while a long chunk is not at its end', async () => {
    const before = bob.sends.length;
    const total = hello.length + 50_000;
    const head = alice.head({
      messageId: 'long',
      contentType: 'message/cpim',
      byteRange: { start: 1, end: total, total },
    });
    alice.write(serialiseRequestHead(head) + hello);
    expect(await bob.heard(before + 1)).toMatchObject({ body: hello, flag: '+' });
    alice.write(`${'y'.repeat(50_000)}\r\n-------${head.transactionId}$\r\n`);
    expect((await alice.answerTo(head.transactionId)).code).toBe(200);
    await expect.poll(() => bob.sends.at(-1)?.flag).toBe('$');
    const bodies = bob.sends.slice(before).map(({ body }) => body);
    expect(bodies.join('')).toBe(hello + 'y'.repeat(50_000));
  });

  it('is broken off with "#" for who heard its beginning, when the sender’s connection dies', async () => {
    const dave = await house.join('dave');
    const before = bob.sends.length;
    const said = cpim(uriOf('dave'), room, 'I was about to');
    const byteRange = { start: 1, end: said.length, total: 5000 };
    await dave.ask({ messageId: 'cut-off', contentType: 'message/cpim', byteRange }, said, '+');
    await bob.heard(before + 1);
    dave.socket.destroy();
    expect(await bob.heard(before + 2)).toMatchObject({ body: '', flag: '#', request: { messageId: 'cut-off' } });
  });

  it('passes "#" of the sender on', async () => {
    const before = bob.sends.length;
    const byteRange = { start: 1, end: '*', total: 9000 } as const;
    alice.shout(hello, { messageId: 'given-up', byteRange }, '#');
    expect(await bob.heard(before + 1)).toMatchObject({ flag: '#', request: { messageId: 'given-up' } });
  });

  it('is told to the sessions of one connection under different transaction identifiers', async () => {
    const { toPath, fromPath } = await house.offer('carol2');
    const second = carol.beside(toPath, fromPath);
    await second.bind();
    await alice.say(hello, { messageId: 'shared' });
    await expect.poll(() => carol.sends.at(-1)?.request.messageId).toBe('shared');
    const [one, two] = [carol.sends.at(-1), await second.heard(1)];
    expect(one?.request.transactionId).not.toBe(two.request.transactionId);
    expect(two.body).toBe(hello);
  });

  it('survives many at once in one segment, in order', async () => {
    const before = bob.sends.length;
    const text = Array.from({ length: 200 }, (_, i) =>
      serialiseRequest(
        alice.head({ messageId: `burst${i}`, contentType: 'message/cpim', failureReport: 'no' }),
        '$',
        hello,
      ),
    ).join('');
    alice.write(text);
    await bob.heard(before + 200);
    const ids = bob.sends.slice(before).map(({ request }) => request.messageId);
    expect(ids).toEqual(Array.from({ length: 200 }, (_, i) => `burst${i}`));
  });
});

describe('A message that does not go on (RFC 7701 §6.1, chunk reception timer)', () => {
  it('is broken off with "#" when its time is up, and what comes later is refused', async () => {
    await using house = await House.open({ limits: { ...defaultSwitchLimits, chunkTime: 200 } });
    const [alice, bob] = [await house.join('alice'), await house.join('bob')];
    const said = cpim(uriOf('alice'), room, 'and then');
    const parts = { messageId: 'stalled', contentType: 'message/cpim' };
    await alice.ask({ ...parts, byteRange: { start: 1, end: said.length, total: 900 } }, said, '+');
    expect(await bob.heard(2)).toMatchObject({ body: '', flag: '#', request: { messageId: 'stalled' } });
    const byteRange = { start: said.length + 1, end: said.length + 4, total: 900 };
    expect(await alice.ask({ ...parts, byteRange }, 'late', '+')).toBe(413);
  });
});

describe('A room', () => {
  it('speaks for itself: welcome, and announcements, with its URI as CPIM From', async () => {
    await using house = await House.open();
    const alice = await house.join('alice', { hub: { ...openPolicy, welcome: 'Grüß Gott' } });
    const welcome = await alice.heard(1);
    expect(welcome.body).toContain(`From: <${room}>`);
    expect(Buffer.from(welcome.body, 'latin1').toString('utf8')).toContain('Grüß Gott');
    await house.command({ kind: 'announce', value: { text: 'soon' } }, { commandId: 'once' });
    await house.command({ kind: 'announce', value: { text: 'soon' } }, { commandId: 'once' });
    expect((await alice.heard(2)).body).toMatch(/soon$/);
    await alice.bind();
    expect(alice.sends).toHaveLength(2);
  });

  it('drops who does not read, without slowing the others, and tells the focus', async () => {
    await using house = await House.open({ limits: { ...defaultSwitchLimits, queueBytes: 200_000 } });
    const [alice, bob, slow] = [await house.join('alice'), await house.join('bob'), await house.join('slow')];
    slow.socket.pause();
    const long = cpim(uriOf('alice'), room, 'z'.repeat(50_000));
    for (let i = 0; i < 400 && !house.told.some(({ command }) => command?.kind === 'participantLost'); i++) {
      expect(await alice.say(long)).toBe(200);
    }
    const { command } = await house.hasTold('participantLost', 'slow');
    expect(command).toMatchObject({ value: { reason: 'it does not read what it is sent' } });
    await expect.poll(() => bob.sends.at(-1)?.flag).toBe('$');
  });
});

describe('A sender that is faster than those who hear it (RFC 7701 §6.4)', () => {
  it('waits while most of them are behind, so that nobody who reads on is dropped', async () => {
    await using house = await House.open({
      limits: { ...defaultSwitchLimits, behindBytes: 500_000, queueBytes: 5_000_000 },
    });
    const [alice, bob] = [await house.join('alice'), await house.join('bob')];
    bob.socket.pause();
    const long = cpim(uriOf('alice'), room, 'z'.repeat(50_000));
    const count = 400; // more than the queue and the kernel's buffers hold
    for (let i = 0; i < count; i++) alice.shout(long, { failureReport: 'no' });
    const drops = (): boolean => house.told.some(({ command }) => command?.kind === 'participantLost');
    await expect.poll(() => alice.socket.writableLength).toBeGreaterThan(0);
    bob.socket.resume();
    await expect.poll(() => bob.sends.filter(({ flag }) => flag === '$').length).toBe(count);
    expect(drops()).toBe(false);
  });
});
