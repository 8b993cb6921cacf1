import { readRaw } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

describe.each(['udp', 'tcp'] as const)('What an edge answers to faulty requests over %s', (transport) => {
  let edge: TestEdge;
  let alice: Phone;

  beforeAll(async () => {
    edge = await startTestEdge({ env: { PARLEY_MAX_SIZE: '1000' } });
    alice = await Phone[transport](edge.port, 'alice');
  });

  afterAll(async () => {
    await alice[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  });

  it.each([
    ['From', null],
    ['To', '<sip:bob@localhost'],
    ['Call-ID', null],
    ['CSeq', '1 OPTIONS'],
    ['Max-Forwards', 'many'],
  ])('400 with a phrase that says why: %s: %s (RFC 3261 §21.4.1)', async (name, value) => {
    const answer = await alice.ask('MESSAGE', 'sip:bob@localhost', { instead: { [name]: value } });
    expect(answer.statusCode).toBe(400);
    expect(answer.reasonPhrase).not.toBe('Bad Request');
  });

  it('400 to a broken request line that is still a request', async () => {
    const text = alice.write('MESSAGE', 'sip:bob@localhost').replace('sip:bob@localhost SIP/2.0', 'sip: bob SIP/2.0');
    alice.send(text);
    expect((await alice.final()).statusCode).toBe(400);
  });

  it('505 to another version (RFC 3261 §21.5.6)', async () => {
    alice.send(alice.write('MESSAGE', 'sip:bob@localhost').replace('SIP/2.0\r\n', 'SIP/3.0\r\n'));
    expect((await alice.final()).statusCode).toBe(505);
  });

  it('416 to an unknown scheme (RFC 3261 §8.2.2.1)', async () => {
    expect((await alice.ask('MESSAGE', 'mailto:bob@localhost', { to: 'sip:bob@localhost' })).statusCode).toBe(416);
  });

  it('483 at Max-Forwards 0 (RFC 3261 §16.3 step 3), but an OPTIONS to the server is answered', async () => {
    const spent = { instead: { 'Max-Forwards': '0' } };
    expect((await alice.ask('MESSAGE', 'sip:bob@localhost', spent)).statusCode).toBe(483);
    expect((await alice.ask('OPTIONS', 'sip:localhost', spent)).statusCode).toBe(200);
  });

  it('482 to a request that came by here in this very form (RFC 3261 §16.3 step 4)', async () => {
    await using bob = await Phone[transport](edge.port, 'bob');
    await bob.register();
    const sent = alice.message('sip:bob@localhost');
    const got = await bob.incoming();
    const ours = readRaw(got, 'Via') ?? '';
    bob.answer(got, 200);
    await sent;
    const marks = /z9hG4bK.{7}/.exec(ours)?.[0] ?? '';
    const cSeq = readRaw(got, 'CSeq') ?? '';
    const own = `Via: SIP/2.0/${transport.toUpperCase()} ${alice.local};rport;branch=z9hG4bKagain${transport}`;
    const looped = await alice.ask('MESSAGE', 'sip:bob@localhost', {
      instead: { Via: null, CSeq: cSeq },
      fields: [own, `Via: ${ours.replace(/branch=[^;]+/, `branch=${marks}0000`)}`],
    });
    expect(looped.statusCode).toBe(482);
  });

  it('420 with the tags of Proxy-Require where it is a proxy, of Require where it is the UAS (RFC 3261 §8.2.2.3, §16.3 step 5)', async () => {
    const proxied = await alice.ask('MESSAGE', 'sip:bob@localhost', { fields: ['Proxy-Require: foo, bar'] });
    expect([proxied.statusCode, readRaw(proxied, 'Unsupported')]).toEqual([420, 'foo, bar']);
    const own = await alice.ask('OPTIONS', 'sip:localhost', { fields: ['Require: foo'] });
    expect([own.statusCode, readRaw(own, 'Unsupported')]).toEqual([420, 'foo']);
    const registered = await alice.ask('REGISTER', 'sip:localhost', { fields: ['Require: sec-agree'] });
    expect([registered.statusCode, readRaw(registered, 'Unsupported')]).toEqual([420, 'sec-agree']);
    const end = await alice.ask('MESSAGE', 'sip:bob@localhost', { fields: ['Require: foo'] });
    expect(end.statusCode).toBe(407);
  });

  it('413 with Max-Size beyond the limit of page mode', async () => {
    const answer = await alice.ask('MESSAGE', 'sip:bob@localhost', { body: 'x'.repeat(1001) });
    expect([answer.statusCode, readRaw(answer, 'Max-Size')]).toEqual([413, '1000']);
  });

  it('405 with Allow where it is the UAS, 501 to a method that it does not know there (RFC 3261 §8.2.1)', async () => {
    const known = await alice.ask('MESSAGE', 'sip:localhost');
    expect([known.statusCode, readRaw(known, 'Allow')]).toEqual([405, 'OPTIONS, REGISTER']);
    expect((await alice.ask('FOO', 'sip:localhost')).statusCode).toBe(501);
    expect((await alice.ask('FOO', 'sip:room@chat.localhost')).statusCode).toBe(501);
  });

  it('481 to a CANCEL of nothing and to a BYE of no dialog (RFC 3261 §9.2, §15.1.2)', async () => {
    expect((await alice.ask('CANCEL', 'sip:bob@localhost')).statusCode).toBe(481);
    expect((await alice.ask('BYE', 'sip:localhost')).statusCode).toBe(481);
  });

  it('200 to OPTIONS at its own address, by any of its names, without a challenge (RFC 3261 §11.2)', async () => {
    for (const uri of [
      'sip:localhost',
      `sip:127.0.0.1:${edge.port}`,
      `sip:LOCALHOST:${edge.port}`,
      'sip:chat.localhost',
    ]) {
      const answer = await alice.ask('OPTIONS', uri);
      expect(answer.statusCode).toBe(200);
      expect(readRaw(answer, 'Allow')).toContain('OPTIONS');
    }
  });

  it('403 with a Warning to a sender of another domain, whomever he writes to', async () => {
    for (const uri of ['sip:bob@localhost', 'sip:bob@elsewhere.example']) {
      const answer = await alice.ask('MESSAGE', uri, { instead: { From: '<sip:eve@example.net>;tag=1' } });
      expect([answer.statusCode, readRaw(answer, 'Warning')]).toEqual([403, expect.stringContaining('other domains')]);
    }
  });

  it("403 to a From that is not the authenticated account's, and a challenge again to a wrong password (RFC 3261 §22.1)", async () => {
    const forged = await alice.request('MESSAGE', 'sip:bob@localhost', {
      instead: { From: '<sip:carol@localhost>;tag=1' },
    });
    expect(forged.statusCode).toBe(403);
    await using liar = await Phone[transport](edge.port, 'alice', 'guess');
    expect((await liar.message('sip:bob@localhost')).statusCode).toBe(407);
    await using nobody = await Phone[transport](edge.port, 'nobody', 'guess');
    expect((await nobody.message('sip:bob@localhost')).statusCode).toBe(407);
  });

  it('is still there after bytes that are nothing', async () => {
    alice.send('\u0001\u0002 nonsense\r\n\r\n');
    await using other = await Phone[transport](edge.port, 'alice');
    expect((await other.ask('OPTIONS', 'sip:localhost')).statusCode).toBe(200);
  });
});

describe('A retransmitted or merged request (RFC 3261 §17.2, §8.2.2.2)', () => {
  it('is answered as before, and 482 when it came by another way', async () => {
    await using edge = await startTestEdge();
    await using alice = await Phone.udp(edge.port, 'alice');
    const text = alice.write('REGISTER', 'sip:localhost', { to: 'sip:alice@localhost' });
    alice.send(text);
    const first = await alice.final();
    alice.send(text);
    const again = await alice.final();
    expect(readRaw(again, 'WWW-Authenticate')).toBe(readRaw(first, 'WWW-Authenticate'));
    alice.send(text.replace(/branch=[^;\r]+/, 'branch=z9hG4bKother'));
    expect((await alice.final()).statusCode).toBe(482);
  });
});

describe('PARLEY_AUTH=none', () => {
  it('believes From, and makes an account for who comes without one', async () => {
    await using edge = await startTestEdge({ env: { PARLEY_AUTH: 'none' } });
    await using alice = await Phone.udp(edge.port, 'alice');
    expect((await alice.ask('MESSAGE', 'sip:bob@localhost')).statusCode).toBe(202);
    await using stranger = await Phone.udp(edge.port, 'stranger');
    expect((await stranger.ask('MESSAGE', 'sip:bob@localhost')).statusCode).toBe(202);
    expect((await alice.ask('MESSAGE', 'sip:stranger@localhost')).statusCode).toBe(202);
    expect((await alice.ask('MESSAGE', 'sip:nobody@localhost')).statusCode).toBe(404);
  });
});
