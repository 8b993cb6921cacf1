import { readFile, rm, stat } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { censusSubject, rpc } from '@parley/contracts';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';

function options(transport: string, domain = 'localhost'): string {
  return [
    `OPTIONS sip:${domain} SIP/2.0`,
    `Via: SIP/2.0/${transport} there.invalid;rport;branch=z9hG4bKo${transport}`,
    'From: <sip:x@y>;tag=1',
    `To: <sip:${domain}>`,
    'Call-ID: o',
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

describe('The listeners of an edge', () => {
  it('has UDP and TCP on one number, also where any will do (RFC 3261 §18.2.1)', async () => {
    await using edge = await startTestEdge();
    for (const transport of ['udp', 'tcp'] as const) {
      await using phone = await Phone[transport](edge.port, 'alice');
      expect((await phone.ask('OPTIONS', 'sip:localhost')).statusCode).toBe(200);
    }
    expect(Object.keys(edge.ports).toSorted()).toEqual(['sip', 'sipWs', 'sips']);
  });

  it('speaks TLS with a certificate of its own, made once and kept, for its names', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-tls-'));
    const pemOf = () => readFile(join(dataDir, 'tls', 'self-signed.pem'), 'utf8');
    let first = '';
    for (let life = 0; life < 2; life++) {
      await using edge = await startTestEdge({ env: { PARLEY_DATA_DIR: dataDir, PARLEY_DOMAIN: 'example.test' } });
      const ca = await pemOf();
      if (life === 0) first = ca;
      const socket = connect({ port: edge.ports['sips'] ?? 0, host: '127.0.0.1', ca, servername: 'example.test' });
      await once(socket, 'secureConnect');
      expect(socket.authorized).toBe(true);
      socket.write(options('TLS', 'example.test'));
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^SIP\/2\.0 200/);
      socket.destroy();
    }
    expect(await pemOf()).toBe(first);
    expect((await stat(join(dataDir, 'tls', 'self-signed.pem'))).mode & 0o077).toBe(0);
    await rm(dataDir, { recursive: true });
  });

  it('speaks SIP over WebSocket (RFC 7118 §4)', async () => {
    await using edge = await startTestEdge();
    const socket = new WebSocket(`ws://127.0.0.1:${edge.ports['sipWs'] ?? 0}/`, 'sip');
    await once(socket, 'open');
    socket.send(options('WS'));
    const [answer] = (await once(socket, 'message')) as [Buffer];
    expect(answer.toString()).toMatch(/^SIP\/2\.0 200/);
    socket.close();
    await once(socket, 'close');
  });
});

describe('An edge in operation', () => {
  it('shows what it does in metrics and in the census', async () => {
    await using edge = await startTestEdge();
    await using alice = await Phone.udp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const sent = alice.message('sip:bob@localhost');
    bob.answer(await bob.incoming(), 200);
    await sent;
    await alice.message('sip:nobody@localhost');
    await alice.ask('FOO', 'sip:localhost');
    const text = await edge.metrics.text();
    expect(text).toMatch(/parley_registrations\{service="edge"\} 1\n/);
    expect(text).toMatch(/parley_sip_requests_total\{method="MESSAGE",service="edge"\} 4\n/);
    expect(text).toMatch(/parley_sip_requests_total\{method="other",service="edge"\} 1\n/);
    expect(text).toMatch(/parley_sip_responses_total\{method="MESSAGE",code="407",service="edge"\} 2\n/);
    expect(text).toMatch(/parley_messages_total\{outcome="delivered",service="edge"\} 1\n/);
    expect(text).toMatch(/parley_messages_total\{outcome="unknown",service="edge"\} 1\n/);
    expect(text).toMatch(/parley_sip_flows\{service="edge"\} 1\n/);
    const census = await edge.bus.gather(
      censusSubject,
      rpc.census,
      { withMetrics: true },
      { within: 30_000, enough: 1 },
    );
    const [status] = unwrap(census);
    expect(status).toMatchObject({ service: 'edge', instance: 'e1', pid: process.pid, draining: false });
    expect(status?.addresses).toContain(`sip:127.0.0.1:${edge.port};transport=tcp`);
    expect(Buffer.from(status?.metrics ?? []).toString()).toContain('parley_registrations');
  });

  it('drains: what is new is answered 503 with Retry-After, what is under way is finished', async () => {
    await using edge = await startTestEdge();
    await using alice = await Phone.udp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const sent = alice.message('sip:bob@localhost');
    const got = await bob.incoming();
    const drained = edge.service.drain?.();
    await using late = await Phone.udp(edge.port, 'carol');
    expect((await late.ask('OPTIONS', 'sip:localhost')).statusCode).toBe(503);
    bob.answer(got, 200);
    expect((await sent).statusCode).toBe(200);
    await drained;
  });

  it('does not start with an account that would hide an address of its own', async () => {
    const starting = startTestEdge({ env: { PARLEY_USERS: 'alice:secret,list:secret' } });
    await expect(starting).rejects.toThrow(/^PARLEY_USERS is not allowed: name: list is an address of the server/);
  });

  it('makes a thousand accounts at start, and again finds them made', async () => {
    const users = Array.from({ length: 1000 }, (_, i) => `u${i}:pw${i}`).join(',');
    const begun = systemClock.now();
    await using edge = await startTestEdge({ env: { PARLEY_USERS: users } });
    expect(systemClock.now()).toBeGreaterThan(begun);
    await using last = await Phone.udp(edge.port, 'u999', 'pw999');
    expect((await last.register()).statusCode).toBe(200);
  });

  it('lives on when connections come and go without a word', async () => {
    await using edge = await startTestEdge();
    for (let i = 0; i < 20; i++) {
      const socket = connectTcp(edge.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(options('TCP').slice(0, i * 10));
      socket.resetAndDestroy();
    }
    await using alice = await Phone.tcp(edge.port, 'alice');
    expect((await alice.ask('OPTIONS', 'sip:localhost')).statusCode).toBe(200);
  });
});
