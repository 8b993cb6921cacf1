import { readRaw, readRawAll } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { ForeignServer } from '../support/foreign-server.ts';
import { Phone } from '../support/phone.ts';
import { startTestEdge } from '../support/test-edge.ts';

let serial = 0;

/** A MESSAGE of another domain's user. */
function messageFrom(from: string, to: string, port: number, fields: readonly string[] = []): string {
  const lines = [
    `MESSAGE ${to} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKin${++serial}`,
    `From: <${from}>;tag=1`,
    `To: <${to}>`,
    `Call-ID: inward-${serial}`,
    'CSeq: 1 MESSAGE',
    'Max-Forwards: 70',
    'Content-Type: text/plain',
    ...fields,
    'Content-Length: 2',
  ];
  return `${lines.join('\r\n')}\r\n\r\nhi`;
}

async function ask(server: ForeignServer, port: number, from: string, to: string): Promise<SipResponse> {
  server.send(port, messageFrom(from, to, server.port));
  return await server.response();
}

describe('Requests of other domains (PARLEY_FEDERATION)', () => {
  it('are 403 while it is off, to peers too', async () => {
    await using peer = await ForeignServer.start();
    await using edge = await startTestEdge({ env: { PARLEY_PEERS: `peer.example=sip:127.0.0.1:${peer.port}` } });
    const answer = await ask(peer, edge.port, 'sip:zoe@peer.example', 'sip:bob@localhost');
    expect([answer.statusCode, readRaw(answer, 'Warning')]).toEqual([403, expect.stringContaining('other domains')]);
  });

  it('come in from peers by the address of their next hop, and their identity with them (RFC 3325 §5)', async () => {
    await using peer = await ForeignServer.start();
    await using edge = await startTestEdge({
      env: {
        PARLEY_FEDERATION: 'peers',
        PARLEY_PEERS: `peer.example=sip:127.0.0.1:${peer.port},far.example=sip:192.0.2.7`,
      },
    });
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const identity = 'P-Asserted-Identity: <sip:zoe@peer.example>';
    peer.send(edge.port, messageFrom('sip:zoe@peer.example', 'sip:bob@localhost', peer.port, [identity]));
    const message = await bob.incoming();
    expect(readRawAll(message, 'P-Asserted-Identity')).toEqual(['<sip:zoe@peer.example>']);
    bob.answer(message, 200);
    expect((await peer.response()).statusCode).toBe(200);
    for (const [from, reason] of [
      ['sip:eve@far.example', 'from its own server alone'],
      ['sip:eve@other.example', 'this domain'],
    ] as const) {
      const answer = await ask(peer, edge.port, from, 'sip:bob@localhost');
      expect([answer.statusCode, readRaw(answer, 'Warning')]).toEqual([403, expect.stringContaining(reason)]);
    }
  });

  it('come in from anybody while it is open, at a bounded rate, and nobody vouches for them', async () => {
    await using stranger = await ForeignServer.start();
    await using edge = await startTestEdge({ env: { PARLEY_FEDERATION: 'open' } });
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const claim = 'P-Asserted-Identity: <sip:zoe@far.example>';
    stranger.send(edge.port, messageFrom('sip:zoe@far.example', 'sip:bob@localhost', stranger.port, [claim]));
    const message = await bob.incoming();
    expect(readRaw(message, 'P-Asserted-Identity')).toBeUndefined();
    bob.answer(message, 200);
    expect((await stranger.response()).statusCode).toBe(200);
    stranger.send(
      edge.port,
      messageFrom('sip:zoe@far.example', 'sip:nobody@localhost', stranger.port).replaceAll('MESSAGE', 'OPTIONS'),
    );
    expect((await stranger.response()).statusCode).toBe(480);
    for (let i = 0; i < 130; i++) {
      stranger.send(edge.port, messageFrom('sip:zoe@far.example', 'sip:nobody@localhost', stranger.port));
    }
    const codes = new Set<number>();
    for (let i = 0; i < 130; i++) codes.add((await stranger.response()).statusCode);
    expect([...codes].toSorted()).toEqual([404, 503]);
  });

  it.each(['off', 'peers', 'open'])('are never relayed to another domain (%s)', async (policy) => {
    await using peer = await ForeignServer.start();
    await using edge = await startTestEdge({
      env: { PARLEY_FEDERATION: policy, PARLEY_PEERS: `peer.example=sip:127.0.0.1:${peer.port}` },
    });
    const answer = await ask(peer, edge.port, 'sip:zoe@peer.example', 'sip:eve@far.example');
    expect(answer.statusCode).toBe(403);
    peer.send(
      edge.port,
      messageFrom('sip:zoe@peer.example', 'sip:bob@localhost', peer.port, [`Route: <sip:127.0.0.1:${peer.port};lr>`]),
    );
    expect((await peer.response()).statusCode).toBe(403);
    expect(peer.unread).toBe(0);
  });

  it('that claim an address of ours are asked for credentials', async () => {
    await using peer = await ForeignServer.start();
    await using edge = await startTestEdge({ env: { PARLEY_FEDERATION: 'open' } });
    expect((await ask(peer, edge.port, 'sip:alice@localhost', 'sip:bob@localhost')).statusCode).toBe(407);
  });
});
