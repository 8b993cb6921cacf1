import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createResponseTo, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  createPeerGuard,
  fixedTlsIdentity,
  listenTcp,
  listenTls,
  listenUdp,
  listenWebSocket,
  vouchFor,
} from '../../src/node/index.ts';
import type { GuardLimits, TransportLimits } from '../../src/node/index.ts';
import { selfSigned } from './self-signed.ts';
import { Heard, messageRequest, readUntil, socketKinds } from './support.ts';

const anywhere = { host: '127.0.0.1', port: 0 };
/** No time goes by in which a peer may send more, however slow the machine. */
const stopped = (): number => 0;

describe.each(socketKinds)('$name sockets', ({ native }) => {
  interface Strictness {
    readonly limits?: Partial<TransportLimits>;
    readonly guard?: Partial<GuardLimits>;
  }

  function strict({ limits = {}, guard = {} }: Strictness) {
    const heard = new Heard();
    return {
      heard,
      options: { ...heard.options, native, limits, guard: createPeerGuard({ limits: guard, now: stopped }) },
    };
  }

  async function tcpServer(strictness: Strictness) {
    const { heard, options } = strict(strictness);
    const listener = await listenTcp(anywhere, options);
    return { heard, port: listener.local.port, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
  }

  const text = Buffer.from(serialise(messageRequest())).toString('latin1');

  /** Sends one octet every few milliseconds until the socket is closed. */
  async function drip(socket: Socket, octets: string): Promise<void> {
    socket.on('error', () => {});
    for (let at = 0; !socket.destroyed && at < 10_000; at++) {
      socket.write(octets[at % octets.length] ?? '', 'latin1');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  describe('A peer that is slow on purpose', () => {
    it('is cut off when a message takes too long, whatever octets come now and then', async () => {
      await using server = await tcpServer({ limits: { messageTime: 40 } });
      const socket = connect(server.port);
      await drip(socket, `${text}${text}`.replaceAll('\r\n\r\n', '\r\nX: y'));
      expect(server.heard.drops).toEqual(['slow-message']);
    });

    it('is cut off in a body as in a head, and in one that was refused', async () => {
      for (const announced of ['Content-Length: 9000', 'Content-Length: 900000000000']) {
        await using server = await tcpServer({ limits: { messageTime: 40 } });
        const socket = connect(server.port);
        socket.write(text.replace('Content-Length: 5', announced));
        await drip(socket, 'x');
        expect(server.heard.drops.at(-1)).toBe('slow-message');
      }
    });

    it('is left alone when its messages are whole, however slow the next one comes', async () => {
      await using server = await tcpServer({ limits: { messageTime: 40, unauthenticatedIdle: 10_000 } });
      const socket = connect(server.port);
      for (let i = 1; i <= 20; i++) {
        socket.write(text);
        await server.heard.until(() => server.heard.messages.length === i);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(server.heard.drops).toEqual([]);
      socket.destroy();
    });

    it('is cut off in the handshake of WebSocket and of TLS', async () => {
      const { heard, options } = strict({ limits: { handshakeTimeout: 40 } });
      const identity = fixedTlsIdentity(selfSigned([]));
      await using ws = await listenWebSocket(anywhere, { ...options, identity });
      await using tls = await listenTls(anywhere, identity, options);
      await drip(connect(ws.local.port), 'GET / HTTP/1.1\r\nHost: x\r\nX-Long: y');
      await drip(connect(tls.local.port), '\u0016\u0003\u0001\u0002');
      expect(new Set(heard.drops)).toEqual(new Set(['handshake']));
    });

    it('is cut off when a WebSocket frame takes too long', async () => {
      const { heard, options } = strict({ limits: { messageTime: 40 } });
      await using listener = await listenWebSocket(anywhere, options);
      const webSocket = new WebSocket(`ws://127.0.0.1:${listener.local.port}/`, 'sip');
      webSocket.on('error', () => {});
      const socket = await new Promise<Socket>((resolve) => {
        webSocket.once('upgrade', (response) => {
          resolve(response.socket);
        });
      });
      const head = Buffer.from([0x82, 0xfe, 0x10, 0x00, 0, 0, 0, 0]);
      await drip(socket, head.toString('latin1') + 'x'.repeat(5000));
      expect(heard.drops).toEqual(['slow-message']);
    });

    it('is cut off when it reads nothing of what waits for it', async () => {
      await using server = await tcpServer({ limits: { stallTime: 40 } });
      const socket = connect(server.port);
      socket.pause();
      socket.write(text);
      const { message, flow } = await server.heard.message();
      vouchFor(flow);
      for (let i = 0; i < 100; i++) {
        flow.send(createResponseTo(message as SipRequest, 200, undefined, { body: new Uint8Array(100_000) }));
        await new Promise(setImmediate);
        if (!flow.open) break;
      }
      await server.heard.closing();
      expect(server.heard.drops).toContain('slow-reader');
      socket.destroy();
    });

    it('may have less unread while nobody has vouched for it', async () => {
      await using server = await tcpServer({ limits: { unauthenticatedQueueOctets: 1_000 } });
      const socket = connect(server.port);
      socket.pause();
      socket.write(text);
      const { message, flow } = await server.heard.message();
      flow.send(createResponseTo(message as SipRequest, 200, undefined, { body: new Uint8Array(100_000) }));
      expect(flow.open).toBe(false);
      expect(server.heard.drops).toEqual(['slow-reader']);
      socket.destroy();
    });
  });

  describe('A peer with many connections', () => {
    it.each(['addressConnections', 'unauthenticatedConnections', 'connections'] as const)(
      'has those in a TLS or WebSocket handshake counted with the others: %s',
      async (limit) => {
        const { heard, options } = strict({ guard: { [limit]: 3 } });
        const identity = fixedTlsIdentity(selfSigned([]));
        await using tcp = await listenTcp(anywhere, options);
        await using tls = await listenTls(anywhere, identity, options);
        await using ws = await listenWebSocket(anywhere, { ...options, identity });
        const ports = [tcp, tls, ws].map(({ local }) => local.port);
        const held: Socket[] = [];
        const dial = async (port: number): Promise<Socket> => {
          const socket = connect(port).on('error', () => {});
          await once(socket, 'connect');
          return socket.resume();
        };
        const open = (): number => tcp.size + tls.size + ws.size;
        // In the handshake of TLS, of WebSocket, and of the WebSocket below which TLS begins.
        for (const [port, first] of [
          [tls.local.port, '\u0016\u0003\u0001\u0002'],
          [ws.local.port, 'GET / HTTP/1.1\r\n'],
          [ws.local.port, '\u0016\u0003\u0001\u0002'],
        ] as const) {
          const socket = await dial(port);
          socket.write(first, 'latin1');
          held.push(socket);
        }
        await eventually(() => {
          expect(open()).toBe(3);
        });
        for (const port of ports) {
          const socket = await dial(port);
          if (!socket.destroyed) await once(socket, 'close');
        }
        const refused = (): number => heard.drops.filter((reason) => reason === 'too-many-connections').length;
        expect(refused()).toBe(ports.length);
        for (const socket of held) socket.destroy();
        await eventually(() => {
          expect(open()).toBe(0);
        });
        const late = await dial(tls.local.port);
        await eventually(() => {
          expect(open()).toBe(1);
        });
        late.destroy();
        expect(refused()).toBe(ports.length);
      },
    );
  });

  describe('A peer that sends too fast', () => {
    it('is answered 503 with Retry-After, and then its connection is closed (RFC 3261 §21.5.4)', async () => {
      await using server = await tcpServer({ guard: { connectionMessages: 10 } });
      const socket = connect(server.port);
      socket.on('error', () => {});
      socket.write(text.repeat(200));
      const got = await readUntil(socket, () => false);
      expect(got).toMatch(/^SIP\/2\.0 503 /);
      expect(got).toContain('\r\nRetry-After: 4\r\n');
      expect(server.heard.messages.length).toBe(21);
      expect(server.heard.drops.at(-1)).toBe('rate');
    });

    it('gets no more out of many connections', async () => {
      await using server = await tcpServer({ guard: { addressMessages: 10 } });
      const sockets = Array.from({ length: 5 }, () => connect(server.port));
      for (const socket of sockets) {
        socket.on('error', () => {});
        socket.write(text.repeat(200));
      }
      await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
      expect(server.heard.messages.length).toBe(21);
    });

    it('MUST not be answered for an ACK (RFC 3261 §17)', async () => {
      await using server = await tcpServer({ guard: { connectionMessages: 10 } });
      const socket = connect(server.port);
      socket.on('error', () => {});
      socket.write(text.replace('MESSAGE sip', 'ACK sip').repeat(200));
      expect(await readUntil(socket, () => false)).toBe('');
    });

    it('is cut off for line breaks and garbage as for messages', async () => {
      for (const flood of ['\r\n\r\n', text.replace('SIP/2.0\r\n', 'SIP/9.0\r\n')]) {
        await using server = await tcpServer({ guard: { connectionMessages: 10 } });
        const socket = connect(server.port);
        socket.on('error', () => {});
        socket.write(flood.repeat(500));
        socket.resume();
        await once(socket, 'close');
        expect(server.heard.drops.at(-1)).toBe('rate');
      }
    });

    it('may send as many responses as it was sent requests', async () => {
      await using server = await tcpServer({ guard: { connectionMessages: 10 } });
      const socket = connect(server.port);
      const answer = Buffer.from(serialise(createResponseTo(messageRequest(), 200))).toString('latin1');
      socket.write(answer.repeat(500));
      await server.heard.until(() => server.heard.messages.length === 500);
      expect(server.heard.drops).toEqual([]);
      socket.destroy();
    });

    it('is answered 503 over UDP too, and beyond that is not looked at', async () => {
      const { heard, options } = strict({ guard: { addressMessages: 10 } });
      await using listener = await listenUdp(anywhere, options);
      const socket = createSocket('udp4');
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const answers: string[] = [];
      socket.on('message', (datagram) => answers.push(datagram.toString('latin1')));
      for (let i = 0; i < 200; i++) {
        socket.send(text.replace('/TCP', '/UDP'), listener.local.port, '127.0.0.1');
        if (i % 20 === 0) await new Promise(setImmediate);
      }
      await heard.until(() => heard.drops.length + heard.messages.length === 200);
      expect(heard.messages.length).toBe(21);
      expect(answers.every((answer) => answer.startsWith('SIP/2.0 503 ') && answer.includes('\r\nRetry-After: '))).toBe(
        true,
      );
      expect(answers.length).toBeLessThan(100);
      socket.close();
    });
  });

  describe('What is too large for the transport', () => {
    it('is answered 413 with the size that is worth trying (RFC 3261 §21.4.11)', async () => {
      const sip = { headOctets: 4096, fieldCount: 64, bodyOctets: 100 };
      await using server = await tcpServer({ limits: { sip, maxSize: 60 } });
      const socket = connect(server.port);
      socket.write(serialise(messageRequest({ body: new Uint8Array(101) })));
      const got = await readUntil(socket, (answer) => answer.includes('\r\n\r\n'));
      expect(got).toMatch(/^SIP\/2\.0 413 /);
      expect(got).toContain('\r\nMax-Size: 60\r\n');
      socket.destroy();
    });

    it('is answered 513 in its head and 400 in the number of its fields (RFC 3261 §21.5.7)', async () => {
      const sip = { headOctets: 2048, fieldCount: 20, bodyOctets: 100 };
      for (const [fields, status] of [
        ['X: y\r\n'.repeat(30), 400],
        [`X: ${'y'.repeat(3000)}\r\n`, 513],
      ] as const) {
        await using server = await tcpServer({ limits: { sip } });
        const socket = connect(server.port);
        socket.write(text.replace('Call-ID', `${fields}Call-ID`));
        const got = await readUntil(socket, (answer) => answer.includes('\r\n\r\n'));
        expect(got.slice(0, 11)).toBe(`SIP/2.0 ${status}`);
        socket.destroy();
      }
    });
  });
});
