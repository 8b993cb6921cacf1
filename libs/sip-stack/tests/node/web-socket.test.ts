import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { createResponseTo, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createConnector, fixedTlsIdentity, listenWebSocket } from '../../src/node/index.ts';
import type { WebSocketOptions } from '../../src/node/index.ts';
import { selfSigned } from './self-signed.ts';
import { Heard, messageRequest } from './support.ts';

async function webSocketServer(more: Partial<WebSocketOptions> = {}) {
  const heard = new Heard();
  const material = selfSigned();
  const identity = fixedTlsIdentity(material);
  const listener = await listenWebSocket({ host: '127.0.0.1', port: 0 }, { ...heard.options, identity, ...more });
  const { port } = listener.local;
  return { heard, material, listener, port, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

function statusOf(url: string, protocols: string[]): Promise<number> {
  return new Promise((resolve) => {
    const webSocket = new WebSocket(url, protocols);
    webSocket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      webSocket.terminate();
    });
    webSocket.on('error', () => {});
    webSocket.on('open', () => {
      resolve(101);
      webSocket.terminate();
    });
  });
}

describe('WebSocket listener', () => {
  it.each(['WS', 'WSS'] as const)('carries messages over %s on the same port (RFC 7118 §5)', async (protocol) => {
    await using server = await webSocketServer();
    const mine = new Heard();
    await using connector = createConnector({ ...mine.options, ca: server.material.cert });
    const flow = connector.flowTo({ protocol, address: '127.0.0.1', port: server.port, serverName: 'localhost' });
    for (let i = 0; i < 20; i++) flow.send(messageRequest({ callId: `${i}` }));
    await server.heard.until(() => server.heard.messages.length === 20);
    const { message, flow: there } = server.heard.messages[19]!;
    expect(there).toMatchObject({ protocol, reliable: true });
    for (let i = 0; i < 20; i++) there.send(createResponseTo(message as SipRequest, 200));
    await mine.until(() => mine.messages.length === 20);
    expect(mine.messages[0]!.message).toMatchObject({ statusCode: 200 });
  });

  it.each([10, 200, 70_000])(
    'frames a body of %i octets, as text where it is UTF-8 (RFC 6455 §5.2)',
    async (octets) => {
      await using server = await webSocketServer();
      const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/`, 'sip');
      await once(webSocket, 'open');
      webSocket.send(serialise(messageRequest()));
      const { message, flow } = await server.heard.message();
      flow.send(createResponseTo(message as SipRequest, 200, undefined, { body: new Uint8Array(octets).fill(65) }));
      const [text, textIsBinary] = (await once(webSocket, 'message')) as [Buffer, boolean];
      expect(textIsBinary).toBe(false);
      expect(text.toString()).toMatch(new RegExp(`\r\n\r\nA{${octets > 65_535 ? 65_535 : octets}}`));
      flow.send(createResponseTo(message as SipRequest, 200, undefined, { body: new Uint8Array(octets).fill(255) }));
      const [, bytesAreBinary] = (await once(webSocket, 'message')) as [Buffer, boolean];
      expect(bytesAreBinary).toBe(true);
      webSocket.terminate();
    },
  );

  it('MUST refuse a handshake without the sip subprotocol, or at another path (RFC 7118 §4.1)', async () => {
    await using server = await webSocketServer();
    expect(await statusOf(`ws://127.0.0.1:${server.port}/`, [])).toBe(400);
    expect(await statusOf(`ws://127.0.0.1:${server.port}/`, ['msrp'])).toBe(400);
    expect(await statusOf(`ws://127.0.0.1:${server.port}/chat`, ['sip'])).toBe(404);
    expect(await statusOf(`ws://127.0.0.1:${server.port}/?a=b`, ['msrp', 'sip'])).toBe(101);
  });

  it('asks the owner whether a page of this origin may connect', async () => {
    await using server = await webSocketServer({ allowOrigin: () => false });
    expect(await statusOf(`ws://127.0.0.1:${server.port}/`, ['sip'])).toBe(403);
  });

  it('answers plain HTTP with 426', async () => {
    await using server = await webSocketServer();
    const [response] = (await once(get({ port: server.port, host: '127.0.0.1' }), 'response')) as [
      { statusCode: number; resume(): void },
    ];
    response.resume();
    expect(response.statusCode).toBe(426);
  });

  it('answers a keep-alive of CRLFCRLF with one of CRLF (RFC 7118 §6, RFC 5626 §3.5.1)', async () => {
    await using server = await webSocketServer();
    const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/`, 'sip');
    await once(webSocket, 'open');
    webSocket.send('\r\n\r\n');
    const [pong] = (await once(webSocket, 'message')) as [Buffer];
    expect(pong.toString()).toBe('\r\n');
    webSocket.terminate();
  });

  it('closes a peer that sends more than the limit in one message (RFC 6455 §7.4.1)', async () => {
    await using server = await webSocketServer({
      limits: { sip: { headOctets: 1000, fieldCount: 64, bodyOctets: 1000 } },
    });
    const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/`, 'sip');
    await once(webSocket, 'open');
    webSocket.send(new Uint8Array(2001));
    const [code] = (await once(webSocket, 'close')) as [number];
    expect(code).toBe(1009);
    expect((await server.heard.closing()).failure).toMatchObject({ kind: 'TransportFailure' });
  });

  it('closes a peer that stays silent during the handshake', async () => {
    await using server = await webSocketServer({ limits: { handshakeTimeout: 20 } });
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'close');
    expect(server.heard.messages).toEqual([]);
  });

  it('leaves a connection alone once its handshakes are done, over TLS too', async () => {
    await using server = await webSocketServer({ limits: { handshakeTimeout: 600, unauthenticatedIdle: 800 } });
    const mine = new Heard();
    await using connector = createConnector({ ...mine.options, ca: server.material.cert });
    const hop = { protocol: 'WSS', address: '127.0.0.1', port: server.port, serverName: 'localhost' } as const;
    connector.flowTo(hop).send(messageRequest());
    await server.heard.message();
    await server.heard.closing();
    expect(server.heard.drops).toEqual(['idle']);
  });

  it('tells the observer of a closed flow and says goodbye when it shuts down', async () => {
    const server = await webSocketServer();
    const webSocket = new WebSocket(`ws://127.0.0.1:${server.port}/`, 'sip');
    await once(webSocket, 'open');
    webSocket.send(serialise(messageRequest()));
    const { flow } = await server.heard.message();
    const gone = server[Symbol.asyncDispose]();
    const [code] = (await once(webSocket, 'close')) as [number];
    expect(code).toBe(1000);
    await gone;
    expect(await server.heard.closing()).toEqual({ flow, failure: undefined });
  });
});
