import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createResponseTo, readRaw, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import {
  createConnector,
  createPeerGuard,
  fixedTlsIdentity,
  listenTcp,
  listenTls,
  vouchFor,
} from '../../src/node/index.ts';
import type { GuardLimits, NativeSockets, TransportLimits } from '../../src/node/index.ts';
import { selfSigned } from './self-signed.ts';
import { Heard, messageRequest, readUntil, socketKinds } from './support.ts';

const anywhere = { host: '127.0.0.1', port: 0 };

async function listening(
  limits: Partial<TransportLimits> = {},
  guarded: Partial<GuardLimits> = {},
  native?: NativeSockets,
) {
  const heard = new Heard();
  const guard = createPeerGuard({ limits: guarded });
  const listener = await listenTcp(anywhere, { ...heard.options, native, limits, guard });
  return { heard, listener, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

describe.each(socketKinds)('TCP listener, $name sockets', ({ native }) => {
  const tcpServer = (limits: Partial<TransportLimits> = {}, guarded: Partial<GuardLimits> = {}) =>
    listening(limits, guarded, native);

  it('MUST note the source in the top Via of a request (RFC 3261 §18.2.1, RFC 3581 §4)', async () => {
    await using server = await tcpServer();
    const socket = connect(server.listener.local.port);
    socket.write(serialise(messageRequest()));
    const { message, flow } = await server.heard.message();
    expect(readRaw(message, 'Via')).toBe(
      `SIP/2.0/TCP client.invalid;branch=z9hG4bK1;received=127.0.0.1;rport=${socket.localPort}`,
    );
    expect(flow).toMatchObject({ protocol: 'TCP', reliable: true, open: true });
    expect(flow.remote).toEqual({ address: '127.0.0.1', port: socket.localPort });
    socket.destroy();
  });

  it('MUST find messages by Content-Length wherever segments end (RFC 3261 §18.3)', async () => {
    await using server = await tcpServer();
    const socket = connect({ port: server.listener.local.port, noDelay: true });
    const bytes = serialise(messageRequest());
    for (let at = 0; at < bytes.length; at += 7) {
      await new Promise((resolve) => socket.write(bytes.subarray(at, at + 7), resolve));
    }
    const { message } = await server.heard.message();
    expect(Buffer.from(message.body).toString()).toBe('hello');
    socket.destroy();
  });

  it('takes many messages out of one segment, in their order', async () => {
    await using server = await tcpServer();
    const socket = connect(server.listener.local.port);
    const all = Array.from({ length: 50 }, (_, i) => serialise(messageRequest({ callId: `${i}@sipp` })));
    socket.write(Buffer.concat(all));
    await server.heard.until(() => server.heard.messages.length === 50);
    expect(server.heard.messages.map(({ message }) => readRaw(message, 'Call-ID'))).toEqual(
      Array.from({ length: 50 }, (_, i) => `${i}@sipp`),
    );
    socket.destroy();
  });

  it('MUST answer a CRLFCRLF with a CRLF (RFC 5626 §3.5.1)', async () => {
    await using server = await tcpServer();
    const socket = connect(server.listener.local.port);
    socket.write('\r\n\r\n');
    expect(await readUntil(socket, (text) => text.length >= 2)).toBe('\r\n');
    socket.destroy();
  });

  it('answers a request it cannot read, and goes on when the stream is still framed (RFC 3261 §8.2, §18.3)', async () => {
    await using server = await tcpServer();
    const socket = connect(server.listener.local.port);
    const text = Buffer.from(serialise(messageRequest())).toString('latin1');
    socket.write(text.replace('SIP/2.0\r\n', 'SIP/7.0\r\n') + text);
    expect(await readUntil(socket, (got) => got.includes('\r\n\r\n'))).toMatch(/^SIP\/2\.0 505 /);
    await server.heard.message();
    expect(server.heard.drops).toEqual(['malformed-request']);
    socket.destroy();
  });

  it('answers 400 and closes when Content-Length is missing (RFC 3261 §18.3)', async () => {
    await using server = await tcpServer();
    const socket = connect(server.listener.local.port);
    const text = Buffer.from(serialise(messageRequest())).toString('latin1');
    socket.write(text.replace(/Content-Length: \d+\r\n/, ''));
    const got = await readUntil(socket, () => false);
    expect(got).toMatch(/^SIP\/2\.0 400 /);
    expect(got).toContain(';received=127.0.0.1');
    expect(server.heard.drops).toEqual(['malformed-request', 'framing-lost']);
    socket.destroy();
  });

  it('never answers an ACK or a response that it cannot read', async () => {
    await using server = await tcpServer({ sip: { headOctets: 4096, fieldCount: 64, bodyOctets: 10 } });
    const socket = connect(server.listener.local.port);
    const text = Buffer.from(serialise(messageRequest({ body: new Uint8Array(11) }))).toString('latin1');
    socket.write(text.replace('MESSAGE sip', 'ACK sip'));
    socket.write(text.replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n'));
    socket.write('\r\n\r\n');
    expect(await readUntil(socket, (got) => got.endsWith('\r\n'))).toBe('\r\n');
    expect(server.heard.messages).toEqual([]);
    socket.destroy();
  });

  it('answers 413 to a body beyond the limit (RFC 3261 §21.4.11)', async () => {
    await using server = await tcpServer({ sip: { headOctets: 4096, fieldCount: 64, bodyOctets: 10 } });
    const socket = connect(server.listener.local.port);
    socket.write(serialise(messageRequest({ body: new Uint8Array(11) })));
    expect(await readUntil(socket, (got) => got.includes('\r\n\r\n'))).toMatch(/^SIP\/2\.0 413 /);
    socket.destroy();
  });

  it('still answers a peer that has closed its half (RFC 3261 §18.2.2)', async () => {
    await using server = await tcpServer();
    const socket = connect(server.listener.local.port);
    socket.end(serialise(messageRequest()));
    const { message, flow } = await server.heard.message();
    flow.send(createResponseTo(message as SipRequest, 200));
    expect(await readUntil(socket, (got) => got.includes('\r\n\r\n'))).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    socket.destroy();
  });

  it('tells the observer when the peer goes', async () => {
    await using server = await tcpServer();
    const socket = connect(server.listener.local.port);
    socket.write(serialise(messageRequest()));
    const { flow } = await server.heard.message();
    socket.resetAndDestroy();
    const closing = await server.heard.closing();
    expect(closing.flow).toBe(flow);
    expect(closing.failure).toMatchObject({ kind: 'TransportFailure', retryable: true });
    expect(flow.open).toBe(false);
  });

  it('drops a reader that falls behind at the cap', async () => {
    await using server = await tcpServer({ queueOctets: 300_000, unauthenticatedQueueOctets: 300_000 });
    const socket = connect(server.listener.local.port);
    socket.pause();
    socket.write(serialise(messageRequest()));
    const { message, flow } = await server.heard.message();
    const large = createResponseTo(message as SipRequest, 200, undefined, { body: new Uint8Array(100_000) });
    while (flow.open) {
      flow.send(large);
      await new Promise(setImmediate);
    }
    const { failure } = await server.heard.closing();
    expect(failure?.message).toMatch(/unread/);
    expect(server.heard.drops).toEqual(['slow-reader']);
    socket.destroy();
  });

  it('closes at once what goes beyond the connections of one address', async () => {
    await using server = await tcpServer({}, { addressConnections: 1 });
    const first = connect(server.listener.local.port);
    first.write(serialise(messageRequest()));
    await server.heard.message();
    const second = connect(server.listener.local.port);
    await once(second, 'close');
    expect(server.heard.drops).toEqual(['too-many-connections']);
    first.destroy();
    await server.heard.closing();
    const third = connect(server.listener.local.port);
    third.write(serialise(messageRequest()));
    await server.heard.message();
    third.destroy();
  });

  it('closes silent connections, sooner when nobody has vouched for them', async () => {
    await using server = await tcpServer({ unauthenticatedIdle: 400, idle: 3_600_000 });
    const vouched = connect(server.listener.local.port);
    vouched.write(serialise(messageRequest()));
    const { flow } = await server.heard.message();
    vouchFor(flow);
    const stranger = connect(server.listener.local.port);
    await once(stranger, 'close');
    expect(server.heard.drops).toEqual(['idle']);
    expect(flow.open).toBe(true);
    vouched.destroy();
  });

  it('writes out what is queued before it shuts down', async () => {
    const server = await tcpServer();
    const socket = connect(server.listener.local.port);
    socket.write(serialise(messageRequest()));
    const { message, flow } = await server.heard.message();
    flow.send(createResponseTo(message as SipRequest, 200));
    const gone = server[Symbol.asyncDispose]();
    expect(await readUntil(socket, () => false)).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    socket.end();
    await gone;
    expect(server.listener.size).toBe(0);
  });
});

describe('connector', () => {
  it('keeps what is sent until the connection stands, and reuses it (RFC 3261 §18.1.1)', async () => {
    await using server = await listening();
    const mine = new Heard();
    await using connector = createConnector(mine.options);
    const hop = { protocol: 'TCP', address: '127.0.0.1', port: server.listener.local.port, serverName: '' } as const;
    const flow = connector.flowTo(hop);
    for (let i = 0; i < 10; i++) flow.send(messageRequest({ callId: `${i}` }));
    await server.heard.until(() => server.heard.messages.length === 10);
    expect(connector.flowTo(hop)).toBe(flow);
    expect(server.listener.size).toBe(1);
    const there = server.heard.messages[0]!;
    there.flow.send(createResponseTo(there.message as SipRequest, 202));
    expect((await mine.message()).message).toMatchObject({ statusCode: 202 });
    expect(await connector.connect(hop)).toBe(flow);
  });

  it('tells of a hop that refuses, and tries anew the next time', async () => {
    const { listener, ...gone } = await listening();
    const hop = { protocol: 'TCP', address: '127.0.0.1', port: listener.local.port, serverName: '' } as const;
    await gone[Symbol.asyncDispose]();
    const mine = new Heard();
    await using connector = createConnector(mine.options);
    const flow = connector.flowTo(hop);
    flow.send(messageRequest());
    const { failure } = await mine.closing();
    expect(failure).toMatchObject({ retryable: true });
    expect(connector.flowTo(hop)).not.toBe(flow);
    expect(await connector.connect(hop)).toBeUndefined();
  });

  it('gives up a connection that does not come about in time', async () => {
    const mine = new Heard();
    const silent = await import('node:net').then(({ createServer }) => createServer().listen(0, '127.0.0.1'));
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    await using connector = createConnector({ ...mine.options, limits: { connectTimeout: 20 } });
    connector.flowTo({ protocol: 'TLS', address: '127.0.0.1', port, serverName: 'localhost' }).send(messageRequest());
    expect((await mine.closing()).failure?.message).toMatch(/within 20 ms/);
    silent.close();
  });

  it('sends over an accepted connection that is its alias (RFC 5923 §3)', async () => {
    await using server = await listening();
    const socket = connect(server.listener.local.port);
    socket.write(serialise(messageRequest()));
    const { flow } = await server.heard.message();
    await using connector = createConnector(new Heard().options);
    const hop = { protocol: 'TCP', address: '127.0.0.1', port: 5060, serverName: '' } as const;
    connector.adopt(flow, hop);
    expect(connector.flowTo(hop)).toBe(flow);
    socket.destroy();
  });
});

describe('TLS', () => {
  async function tlsServer(uris: readonly string[] = []) {
    const heard = new Heard();
    const material = selfSigned(uris);
    const listener = await listenTls(anywhere, fixedTlsIdentity(material), heard.options);
    return { heard, material, listener, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
  }

  it('carries messages to a peer whose certificate is for the domain of the URI (RFC 5922 §7.2)', async () => {
    await using server = await tlsServer(['sip:example.com']);
    const mine = new Heard();
    await using connector = createConnector({ ...mine.options, ca: server.material.cert });
    const { port } = server.listener.local;
    const flow = connector.flowTo({ protocol: 'TLS', address: '127.0.0.1', port, serverName: 'example.com' });
    flow.send(messageRequest());
    const { message, flow: there } = await server.heard.message();
    there.send(createResponseTo(message as SipRequest, 200));
    await mine.message();
    expect(flow.peerNames).toEqual(['example.com']);
    expect(there).toMatchObject({ protocol: 'TLS', peerNames: [] });
  });

  it('still answers a peer that has closed its half (RFC 3261 §18.2.2)', async () => {
    await using server = await tlsServer();
    const socket = connectTls({ port: server.listener.local.port, rejectUnauthorized: false });
    socket.end(serialise(messageRequest()));
    const { message, flow } = await server.heard.message();
    flow.send(createResponseTo(message as SipRequest, 200));
    expect(await readUntil(socket, (got) => got.includes('\r\n\r\n'))).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    socket.destroy();
  });

  it('lets go at once of who leaves in the handshake', async () => {
    const limits = { handshakeTimeout: 600_000 };
    await using listener = await listenTls(anywhere, fixedTlsIdentity(selfSigned()), {
      ...new Heard().options,
      limits,
    });
    const socket = connect(listener.local.port);
    socket.write('\u0016\u0003\u0001\u0002', 'latin1');
    await eventually(() => {
      expect(listener.size).toBe(1);
    });
    socket.end();
    await eventually(() => {
      expect(listener.size).toBe(0);
    });
    socket.destroy();
  });

  it('sends nothing to a peer whose certificate is for another domain', async () => {
    await using server = await tlsServer(['sip:example.com']);
    const mine = new Heard();
    await using connector = createConnector({ ...mine.options, ca: server.material.cert });
    const { port } = server.listener.local;
    connector.flowTo({ protocol: 'TLS', address: '127.0.0.1', port, serverName: 'example.net' }).send(messageRequest());
    expect((await mine.closing()).failure?.message).toMatch(/expected a certificate for example\.net/);
    expect(server.heard.messages).toEqual([]);
  });

  it('knows a client by the certificate it shows', async () => {
    const client = selfSigned(['sip:peer.example']);
    const heard = new Heard();
    const identity = fixedTlsIdentity({ ...selfSigned(), ca: client.cert });
    await using listener = await listenTls(anywhere, identity, heard.options);
    await using connector = createConnector({
      ...new Heard().options,
      identity: fixedTlsIdentity(client),
      verify: false,
    });
    const { port } = listener.local;
    connector.flowTo({ protocol: 'TLS', address: '127.0.0.1', port, serverName: 'localhost' }).send(messageRequest());
    expect((await heard.message()).flow.peerNames).toEqual(['peer.example']);
  });

  it('counts and closes what is not TLS', async () => {
    await using server = await tlsServer();
    const socket = connect(server.listener.local.port);
    socket.on('error', () => {});
    socket.write(serialise(messageRequest()));
    await once(socket, 'close');
    await server.heard.until(() => server.heard.drops.length === 1);
    expect(server.heard.drops).toEqual(['handshake']);
  });

  it('speaks with the new certificate to those who come after a change', async () => {
    const [before, after] = [selfSigned([], 'before'), selfSigned([], 'after')];
    let change = (_material: typeof after): void => {};
    const identity = {
      current: before,
      onChange(listener: typeof change) {
        change = listener;
        return () => {};
      },
      [Symbol.dispose]() {},
    };
    await using listener = await listenTls(anywhere, identity, new Heard().options);
    const subjectSeen = async (): Promise<unknown> => {
      const socket = connectTls({ port: listener.local.port, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      return subject.CN;
    };
    expect(await subjectSeen()).toBe('before');
    change(after);
    expect(await subjectSeen()).toBe('after');
  });
});
