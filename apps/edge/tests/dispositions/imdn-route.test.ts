import { readRaw } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpimBody } from '../support/cpim.ts';
import { ForeignServer } from '../support/foreign-server.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const payload =
  '<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>m1</message-id><datetime>2026-11-21T10:00:00Z</datetime>' +
  '<delivery-notification><status><delivered/></status></delivery-notification></imdn>';
const fields = ['Content-Type: message/cpim'];

describe('a notification that comes to the list service (RFC 5438 §8)', () => {
  let edge: TestEdge;
  let alice: Phone;
  let bob: Phone;
  beforeAll(async () => {
    edge = await startTestEdge();
    alice = await Phone.tcp(edge.port, 'alice');
    bob = await Phone.tcp(edge.port, 'bob');
    await alice.register();
  });
  afterAll(async () => {
    for (const each of [alice, bob, edge]) await each[Symbol.asyncDispose]();
  });
  const notification = (to: string, ...headers: readonly string[]): string =>
    cpimBody(payload, { from: 'sip:bob@localhost', type: 'message/imdn+xml', headers }).replace(
      'sip:bob@localhost>\r\nDate',
      `${to}>\r\nDate`,
    );

  it('goes on to the next of IMDN-Route without its own address, and the answer of the next hop goes back', async () => {
    const headers = ['imdn.IMDN-Route: <sip:list@localhost>', 'imdn.IMDN-Route: <sip:alice@localhost>'];
    const body = notification('sip:carol@localhost', ...headers);
    const sent = bob.request('MESSAGE', 'sip:list@localhost', { body, fields });
    const came = await alice.incoming();
    alice.answer(came, 200);
    expect((await sent).statusCode).toBe(200);
    const text = Buffer.from(came.body).toString();
    expect(text).toContain('imdn.IMDN-Route: <sip:alice@localhost>');
    expect(text).not.toContain('sip:list@localhost');
    expect(readRaw(came, 'From')).toContain('sip:bob@localhost');
  });

  it('goes to whom CPIM To names when no route is left, and to nobody when that is the list', async () => {
    const body = notification('sip:alice@localhost', 'imdn.IMDN-Route: <sip:list@localhost>');
    const sent = bob.request('MESSAGE', 'sip:list@localhost', { body, fields });
    const came = await alice.incoming();
    alice.answer(came, 200);
    expect((await sent).statusCode).toBe(200);
    const lost = { body: notification('sip:list@localhost'), fields };
    expect((await bob.request('MESSAGE', 'sip:list@localhost', lost)).statusCode).toBe(403);
  });
});

describe('a notification of our own for a sender in the domain of a peer (RFC 5438 §7.2.1)', () => {
  it('is sent to the top IMDN-Record-Route where that is of a peer, and to no stranger (§14)', async () => {
    await using peer = await ForeignServer.start(false);
    const env = {
      PARLEY_FEDERATION: 'peers',
      PARLEY_PEERS: `peer.example=sip:127.0.0.1:${peer.port};transport=udp`,
      PARLEY_DNS: `127.0.0.1:${peer.port}`,
    };
    await using edge = await startTestEdge({ env });
    for (const [at, route] of ['sip:relay@peer.example', 'sip:victim@far.example'].entries()) {
      const body = cpimBody('Hi', {
        id: `m${at}`,
        requests: 'processing',
        headers: [`imdn.IMDN-Record-Route: <${route}>`],
      });
      const lines = [
        'MESSAGE sip:bob@localhost SIP/2.0',
        `Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bKroute${at}`,
        ...['From: <sip:zoe@peer.example>;tag=1', 'To: <sip:bob@localhost>', `Call-ID: route${at}`, 'CSeq: 1 MESSAGE'],
        ...['Max-Forwards: 70', ...fields, `Content-Length: ${Buffer.byteLength(body)}`],
      ];
      peer.send(edge.port, `${lines.join('\r\n')}\r\n\r\n${body}`);
      expect((await peer.response()).statusCode).toBe(202);
      const { request, answer } = await peer.request();
      answer(200);
      expect(request.requestUri).toBe(at === 0 ? route : 'sip:zoe@peer.example');
      expect(readRaw(request, 'To')).toContain('sip:zoe@peer.example');
      expect(Buffer.from(request.body).toString()).toContain(`imdn.IMDN-Route: <${route}>`);
    }
  });
});
