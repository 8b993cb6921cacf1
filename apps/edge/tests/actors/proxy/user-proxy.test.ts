import { readRaw, readRawAll } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../../support/phone.ts';
import { startTestEdge } from '../../support/test-edge.ts';
import type { TestEdge } from '../../support/test-edge.ts';

describe('Requests between users (RFC 3261 §16)', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge();
  });
  afterAll(() => edge[Symbol.asyncDispose]());

  it('of every method pass, known or not, and their responses come back', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    for (const method of ['OPTIONS', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'INFO', 'PUBLISH', 'UPDATE', 'FROBNICATE']) {
      const asked = alice.request(method, 'sip:bob@localhost', {
        fields: ['Event: dialog', `Contact: ${alice.contact}`],
      });
      const request = await bob.incoming();
      expect([request.method, readRaw(request, 'Max-Breadth')]).toEqual([method, '60']);
      bob.answer(request, 299);
      expect((await asked).statusCode).toBe(299);
    }
  });

  it('go to one q after another, but a MESSAGE to all devices at once (§16.6, RFC 3428 §6)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using desk = await Phone.tcp(edge.port, 'bob');
    await using mobile = await Phone.tcp(edge.port, 'bob');
    await desk.register(`${desk.contact};q=0.8;expires=600`);
    await mobile.register(`${mobile.contact};q=0.3;expires=600`);
    const asked = alice.request('OPTIONS', 'sip:bob@localhost');
    const first = await desk.incoming();
    expect(mobile.unread).toBe(0);
    desk.answer(first, 486);
    const second = await mobile.incoming();
    mobile.answer(second, 200);
    expect((await asked).statusCode).toBe(200);
    const sent = alice.message('sip:bob@localhost');
    const [toDesk, toMobile] = await Promise.all([desk.incoming(), mobile.incoming()]);
    expect([toDesk, toMobile].map((request) => readRaw(request, 'Max-Breadth'))).toEqual(['30', '30']);
    desk.answer(toDesk, 200);
    mobile.answer(toMobile, 200);
    expect((await sent).statusCode).toBe(200);
  });

  it('go to one device where the caller says no-fork, and one by one where he says sequential (RFC 3841 §9.1)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using one = await Phone.tcp(edge.port, 'carol');
    await using two = await Phone.tcp(edge.port, 'carol');
    await one.register(`${one.contact};expires=600`);
    await two.register(`${two.contact};expires=600`);
    const alone = alice.request('OPTIONS', 'sip:carol@localhost', { fields: ['Request-Disposition: no-fork'] });
    one.answer(await one.incoming(), 486);
    expect([(await alone).statusCode, two.unread]).toEqual([486, 0]);
    const inTurn = alice.request('OPTIONS', 'sip:carol@localhost', { fields: ['Request-Disposition: sequential'] });
    const first = await one.incoming();
    expect(two.unread).toBe(0);
    one.answer(first, 486);
    two.answer(await two.incoming(), 200);
    expect((await inTurn).statusCode).toBe(200);
  });

  it('are 440 where a message may not fork as wide as it has to (RFC 5393 §5.3.3)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using one = await Phone.tcp(edge.port, 'carol');
    await using two = await Phone.tcp(edge.port, 'carol');
    await one.register();
    await two.register();
    expect((await alice.message('sip:carol@localhost', 'hi', ['Max-Breadth: 1'])).statusCode).toBe(440);
  });

  it('are 480 with Warning 380 where sips: is asked of a device that has none (RFC 5630 §5.3)', async () => {
    await using alice = await Phone.tls(edge.ports['sips'] ?? 0, 'alice');
    await using bob = await Phone.tls(edge.ports['sips'] ?? 0, 'bob');
    await bob.register();
    const answer = await alice.message('sips:bob@localhost');
    expect([answer.statusCode, readRaw(answer, 'Warning')]).toEqual([480, expect.stringMatching(/^380 /)]);
  });

  it('are 400 where sips: comes over a way without TLS (RFC 3261 §26.2.2)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    expect((await alice.message('sips:bob@localhost')).statusCode).toBe(400);
    const instead = { Via: `SIP/2.0/TLS ${alice.local};branch=z9hG4bKbehind-tls` };
    expect((await alice.ask('MESSAGE', 'sips:bob@localhost', { instead })).statusCode).toBe(407);
  });

  it('are 404 for a number that nobody has, as tel: and as sip: with user=phone (RFC 3261 §19.1.6)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    for (const uri of ['tel:+15550100', 'sip:+15550100@localhost;user=phone']) {
      expect((await alice.message(uri)).statusCode).toBe(404);
    }
  });

  it('are 482 when they come back in the form in which they left (§16.3 (4))', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    // A proxy of bob's that sends everything back to where it came from.
    const asked = alice.message('sip:bob@localhost');
    const message = await bob.incoming();
    const vias = readRawAll(message, 'Via').map((value) => `Via: ${value}`);
    const back = ['Via: SIP/2.0/TCP loop.invalid;branch=z9hG4bKloop', ...vias];
    const head = ['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards'].map(
      (name) => `${name}: ${readRaw(message, name) ?? ''}`,
    );
    bob.send(`${['MESSAGE sip:bob@localhost SIP/2.0', ...back, ...head, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`);
    expect((await bob.final()).statusCode).toBe(482);
    bob.answer(message, 200);
    expect((await asked).statusCode).toBe(200);
  });
});
