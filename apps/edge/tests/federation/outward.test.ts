import { readRaw, readRawAll } from '@parley/sip';
import { startDns } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ForeignServer } from '../support/foreign-server.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

describe('Requests to other domains (RFC 3261 §16.5, RFC 3263)', () => {
  let edge: TestEdge;
  let far: ForeignServer;
  let peer: ForeignServer;
  let dns: Awaited<ReturnType<typeof startDns>>;

  beforeAll(async () => {
    far = await ForeignServer.start();
    peer = await ForeignServer.start();
    dns = await startDns({
      a: { 'host.far.example': ['127.0.0.1'] },
      naptr: { 'far.example': [{ service: 'SIP+D2T', replacement: '_sip._tcp.far.example' }] },
      srv: {
        '_sip._tcp.far.example': [
          { priority: 1, port: 1, target: 'host.far.example' },
          { priority: 2, port: far.port, target: 'host.far.example' },
        ],
        '_sip._udp.udp.example': [{ port: far.port, target: 'host.far.example' }],
      },
    });
    edge = await startTestEdge({
      env: {
        PARLEY_DNS: dns.address,
        PARLEY_PEERS: `peer.example=sip:127.0.0.1:${peer.port};transport=udp`,
      },
    });
  });
  afterAll(async () => {
    await edge[Symbol.asyncDispose]();
    await Promise.all([far[Symbol.asyncDispose](), peer[Symbol.asyncDispose]()]);
    dns[Symbol.dispose]();
  });

  it('go to the hops of NAPTR and SRV in turn, the next when one fails, and the final response comes back (§4.3)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const asked = alice.message('sip:zoe@far.example', 'over there');
    const { request, transport, answer } = await far.request();
    expect([transport, request.method, request.requestUri]).toEqual(['TCP', 'MESSAGE', 'sip:zoe@far.example']);
    expect(Buffer.from(request.body).toString()).toBe('over there');
    expect(readRaw(request, 'Max-Forwards')).toBe('69');
    expect(readRaw(request, 'Max-Breadth')).toBe('60');
    expect(readRaw(request, 'Proxy-Authorization')).toBeUndefined();
    expect(readRawAll(request, 'Via')).toHaveLength(2);
    answer(202);
    expect((await asked).statusCode).toBe(202);
    expect(dns.questions).toContain('NAPTR far.example');
  });

  it('are asked for credentials first, and nobody is told whether the domain exists', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    expect((await alice.ask('MESSAGE', 'sip:zoe@far.example')).statusCode).toBe(407);
    expect((await alice.ask('MESSAGE', 'sip:zoe@nowhere.example')).statusCode).toBe(407);
  });

  it('are answered 404 with a Warning when no such domain has a server', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    const answer = await alice.message('sip:zoe@nowhere.example');
    expect([answer.statusCode, readRaw(answer, 'Warning')]).toEqual([404, expect.stringContaining('nowhere.example')]);
  });

  it.each([
    [404, 404],
    [480, 480],
    [503, 500],
    [408, 504],
    [603, 603],
  ])('bring back %d as %d (RFC 3261 §16.7 (6), RFC 4320 §4.2)', async (theirs, ours) => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const asked = alice.message('sip:zoe@udp.example');
    const { transport, answer } = await far.request();
    expect(transport).toBe('UDP');
    answer(theirs);
    expect((await asked).statusCode).toBe(ours);
  });

  it('go to the next hop that PARLEY_PEERS names, instead of DNS, with the identity of the sender (RFC 3325 §5)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const asked = alice.message('sip:zoe@peer.example', 'hello', ['P-Asserted-Identity: <sip:ceo@localhost>']);
    const { request, answer } = await peer.request();
    expect(readRawAll(request, 'P-Asserted-Identity')).toEqual(['<sip:alice@localhost>']);
    expect(dns.questions.filter((question) => question.includes('peer.example'))).toEqual([]);
    answer(200);
    expect((await asked).statusCode).toBe(200);
  });

  it('show an asserted identity to no stranger, and to nobody with Privacy: id (RFC 3325 §7)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const asked = alice.message('sip:zoe@far.example', 'hello', [
      'P-Preferred-Identity: <sip:alice@localhost>',
      'Privacy: id',
    ]);
    const { request, answer } = await far.request();
    expect(['P-Asserted-Identity', 'P-Preferred-Identity'].map((name) => readRaw(request, name))).toEqual([
      undefined,
      undefined,
    ]);
    answer(200);
    await asked;
  });

  it('follow a Route of others, whoever the Request-URI names, and make room for a strict router (§16.6 (6))', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const asked = alice.message('sip:bob@localhost', 'round about', [
      `Route: <sip:127.0.0.1:${edge.port};lr>, <sip:127.0.0.1:${far.port};transport=tcp>`,
      'Route: <sip:third.example;lr>',
    ]);
    const { request, answer } = await far.request();
    expect(request.requestUri).toBe(`sip:127.0.0.1:${far.port};transport=tcp`);
    expect(readRawAll(request, 'Route')).toEqual(['<sip:third.example;lr>', '<sip:bob@localhost>']);
    answer(200);
    expect((await asked).statusCode).toBe(200);
  });

  it('of an INVITE are recorded, so that the other domain finds the caller again, and the caller it (§16.6 (4))', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const called = alice.request('INVITE', 'sip:zoe@peer.example', { fields: [`Contact: ${alice.contact}`] });
    const { request: invite, answer } = await peer.request();
    const recorded = readRawAll(invite, 'Record-Route');
    expect(recorded.map((value) => /transport=(\w+)/.exec(value)?.[1])).toEqual(['udp', 'tcp']);
    answer(180);
    answer(200, [`Contact: <sip:zoe@127.0.0.1:${peer.port}>`]);
    const accepted = await called;
    expect(accepted.statusCode).toBe(200);
    const to = readRaw(accepted, 'To') ?? '';
    const number = (readRaw(invite, 'CSeq') ?? '').split(' ')[0] ?? '';
    const routes = readRawAll(accepted, 'Record-Route').toReversed();
    const fields = routes.map((value) => `Route: ${value}`);
    const target = `sip:zoe@127.0.0.1:${peer.port}`;
    alice.send(alice.write('ACK', target, { to, fields, instead: { CSeq: `${number} ACK` } }));
    const ack = await peer.request();
    expect([ack.request.method, readRawAll(ack.request, 'Route')]).toEqual(['ACK', []]);
    const bye = [
      `BYE sip:alice@${alice.local};transport=tcp SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${peer.port};branch=z9hG4bKbye`,
      `From: ${to}`,
      `To: ${readRaw(invite, 'From') ?? ''}`,
      `Call-ID: ${alice.callId}`,
      'CSeq: 1 BYE',
      'Max-Forwards: 70',
      ...recorded.map((value) => `Route: ${value}`),
      'Content-Length: 0',
    ];
    peer.send(edge.port, `${bye.join('\r\n')}\r\n\r\n`);
    const hungUp = await alice.incoming();
    expect([hungUp.method, readRawAll(hungUp, 'Route')]).toEqual(['BYE', []]);
    alice.answer(hungUp, 200);
    expect((await peer.response()).statusCode).toBe(200);
  });

  it('above 1300 octets go by TCP where the hop takes it, else by UDP (RFC 3261 §18.1.1)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const large = 'x'.repeat(1400);
    const asked = alice.message('sip:zoe@peer.example', large);
    const byTcp = await peer.request();
    expect([byTcp.transport, byTcp.request.body.length]).toEqual(['TCP', 1400]);
    byTcp.answer(200);
    expect((await asked).statusCode).toBe(200);
  });
});

describe('A device bound over UDP', () => {
  it('gets large messages by TCP where it listens, else by UDP (RFC 3261 §18.1.1)', async () => {
    await using edge = await startTestEdge();
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using bob = await Phone.udp(edge.port, 'bob');
    await bob.register();
    const asked = alice.message('sip:bob@localhost', 'y'.repeat(2_000));
    const message = await bob.incoming();
    expect([message.body.length, readRaw(message, 'Via')]).toEqual([2_000, expect.stringContaining('/UDP ')]);
    bob.answer(message, 200);
    expect((await asked).statusCode).toBe(200);
    await using device = await ForeignServer.start();
    await using carol = await Phone.udp(edge.port, 'carol');
    await carol.register(`<sip:carol@127.0.0.1:${device.port}>;expires=600`);
    const again = alice.message('sip:carol@localhost', 'z'.repeat(2_000));
    const { transport, answer } = await device.request();
    expect(transport).toBe('TCP');
    answer(200);
    expect((await again).statusCode).toBe(200);
  });
});
