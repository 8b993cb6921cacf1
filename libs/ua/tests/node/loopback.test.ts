import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { encodeUtf8, unwrap } from '@parley/prelude';
import { parseMsrpUri } from '@parley/msrp';
import { createResponseTo } from '@parley/sip';
import { listenTcp, listenWebSocket } from '@parley/sip-stack/node';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { PipeObserver } from '../../src/index.ts';
import { createNodeUserAgent, nodePipes } from '../../src/node/index.ts';

const anywhere = { host: '127.0.0.1', port: 0 };
const hello = { contentType: 'text/plain', body: encodeUtf8('hello') };

describe('agents on Node', () => {
  it('send messages to each other over UDP', async () => {
    const nobody = { protocol: 'UDP', address: '127.0.0.1', port: 9 } as const;
    await using bob = await createNodeUserAgent({
      aor: 'sip:bob@localhost',
      server: nobody,
      onMessage: () => ({ status: 202 }),
    });
    const server = { ...nobody, port: bob.core.flow.local.port };
    await using alice = await createNodeUserAgent({ aor: 'sip:alice@localhost', server });
    expect((await alice.sendMessage('sip:bob@localhost', hello)).statusCode).toBe(202);
  });

  it.each(['TCP', 'WS'] as const)('send over %s to a server', async (protocol) => {
    const observer = {
      onMessage: (...[message, flow]: Parameters<Parameters<typeof listenTcp>[1]['observer']['onMessage']>) => {
        if (message.kind === 'request') flow.send(createResponseTo(message, 200));
      },
      onClosed: () => {},
    };
    const listen = protocol === 'TCP' ? listenTcp : listenWebSocket;
    await using listener = await listen(anywhere, { observer, limits: { halfOpen: 1 } });
    const server = { protocol, ...listener.local };
    await using alice = await createNodeUserAgent({ aor: 'sip:alice@localhost', server });
    expect((await alice.sendMessage('sip:bob@localhost', hello)).statusCode).toBe(200);
    const contact =
      protocol === 'TCP' ? `127.0.0.1:${alice.core.flow.local.port};transport=tcp` : '.invalid;transport=ws';
    expect(alice.core.contact).toContain(contact);
  });

  it('count a server that cannot be reached as 503 (RFC 3261 §8.1.3.1)', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const server = { protocol: 'TCP', address: '127.0.0.1', port } as const;
    await using alice = await createNodeUserAgent({ aor: 'sip:alice@localhost', server });
    expect((await alice.sendMessage('sip:bob@localhost', hello)).statusCode).toBe(503);
  });
});

/** Collects what comes out of a pipe. */
function listener() {
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<unknown>();
  const { promise: bytes, resolve: onBytes } = Promise.withResolvers<Uint8Array>();
  const observer: PipeObserver = { onBytes, onClosed };
  return { observer, bytes, closed };
}

describe('MSRP connections from Node', () => {
  it('carry octets over TCP (RFC 4975 §5.4)', async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { observer, bytes, closed } = listener();
    const pipe = await nodePipes()(unwrap(parseMsrpUri(`msrp://127.0.0.1:${port}/x;tcp`)), observer);
    pipe.write(encodeUtf8('ping'));
    expect(new TextDecoder().decode(await bytes)).toBe('ping');
    pipe.close();
    expect(await closed).toBeUndefined();
    server.close();
  });

  it('carry one message to a WebSocket message with the subprotocol msrp (RFC 7977 §5)', async () => {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: (names) => names.has('msrp') && 'msrp',
    });
    await once(server, 'listening');
    server.on('connection', (webSocket) => {
      webSocket.on('message', (data, isBinary) => {
        webSocket.send(data, { binary: isBinary });
      });
    });
    const { port } = server.address() as AddressInfo;
    const { observer, bytes, closed } = listener();
    const pipe = await nodePipes()(unwrap(parseMsrpUri(`msrp://127.0.0.1:${port}/x;ws`)), observer);
    pipe.write(encodeUtf8('ping'));
    expect(new TextDecoder().decode(await bytes)).toBe('ping');
    pipe.close();
    await closed;
    server.close();
  });

  it('reject when nobody answers', async () => {
    const { observer } = listener();
    await expect(nodePipes()(unwrap(parseMsrpUri('msrp://127.0.0.1:1/x;tcp')), observer)).rejects.toThrow(
      /ECONNREFUSED/,
    );
  });
});
