import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createResponseTo, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { listenTcp } from '../../src/node/index.ts';
import type { TransportLimits } from '../../src/node/index.ts';
import { Heard, messageRequest, readUntil, socketKinds } from './support.ts';

async function sockets(port: number, count: number, host = '127.0.0.1'): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(port, host);
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    }),
  );
}

/** Lets a peer leave much unread. */
const patient = { queueOctets: 16_777_216, unauthenticatedQueueOctets: 16_777_216 };

const answerTo =
  (octets: number) => (message: unknown, flow: { send(response: ReturnType<typeof createResponseTo>): void }) => {
    flow.send(createResponseTo(message as SipRequest, 200, undefined, { body: new Uint8Array(octets).fill(0x61) }));
  };

describe.each(socketKinds)('many TCP connections, $name sockets', ({ native }) => {
  async function tcpServer(limits: Partial<TransportLimits> = {}, host = '127.0.0.1') {
    const heard = new Heard();
    const listener = await listenTcp({ host, port: 0 }, { ...heard.options, native, limits });
    return { heard, listener, port: listener.local.port, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
  }

  it('writes what a peer reads late in full and in order', async () => {
    await using server = await tcpServer(patient);
    server.heard.reply = (message, flow) => {
      for (let part = 0; part < 40; part++) {
        const body = new Uint8Array(100_000 + part).fill(0x41 + (part % 26));
        flow.send(createResponseTo(message as SipRequest, 200, undefined, { body }));
      }
    };
    const [socket] = await sockets(server.port, 1);
    socket!.pause();
    socket!.write(serialise(messageRequest()));
    await server.heard.message();
    socket!.resume();
    const text = await readUntil(socket!, (got) => got.endsWith('N'.repeat(100_039)));
    const bodies = text.split(/SIP\/2\.0 200 OK\r\n[^]*?\r\n\r\n/).slice(1);
    expect(bodies.map((body) => body.length)).toEqual(Array.from({ length: 40 }, (_, part) => 100_000 + part));
    expect(bodies.every((body, part) => new Set(body).size === 1 && body.charCodeAt(0) === 0x41 + (part % 26))).toBe(
      true,
    );
    socket!.destroy();
  });

  it('closes its half behind what a peer reads late', async () => {
    await using server = await tcpServer({ ...patient, closeLinger: 60_000 });
    server.heard.reply = (message, flow) => {
      answerTo(3_000_000)(message, flow);
      flow.close('enough');
    };
    const [socket] = await sockets(server.port, 1);
    socket!.pause();
    socket!.write(serialise(messageRequest()));
    await server.heard.message();
    socket!.resume();
    const text = await readUntil(socket!, () => false);
    expect(text.length).toBeGreaterThan(3_000_000);
    await server.heard.closing();
  });

  it('serves others while one does not read', async () => {
    await using server = await tcpServer();
    server.heard.reply = answerTo(50_000);
    const [stuck, ...others] = await sockets(server.port, 11);
    stuck!.pause();
    for (let i = 0; i < 40; i++) stuck!.write(serialise(messageRequest()));
    for (const other of others) {
      other.write(serialise(messageRequest()));
      await readUntil(other, (got) => got.length > 50_000);
      other.destroy();
    }
    stuck!.destroy();
  });

  it('serves others while one sends without end', async () => {
    await using server = await tcpServer();
    const flood = Buffer.concat(Array.from({ length: 2_000 }, () => serialise(messageRequest({ callId: 'flood' }))));
    const [flooder, other] = await sockets(server.port, 2);
    let flooding = true;
    const pour = (): void => {
      if (flooding) flooder!.write(flood, pour);
    };
    pour();
    other!.write(serialise(messageRequest({ callId: 'quiet' })));
    await server.heard.until(() => server.heard.messages.some(({ flow }) => flow.remote.port === other!.localPort));
    flooding = false;
    flooder!.destroy();
    other!.destroy();
  });

  it('holds a thousand connections, answers each, and lets all of them go', async () => {
    await using server = await tcpServer();
    server.heard.reply = answerTo(100);
    const all = await sockets(server.port, 1_000);
    const answers = all.map((socket) => readUntil(socket, (got) => got.endsWith('a'.repeat(100))));
    for (const socket of all) socket.write(serialise(messageRequest({ callId: String(socket.localPort) })));
    const texts = await Promise.all(answers);
    expect(texts.filter((text, i) => !text.includes(`Call-ID: ${all[i]!.localPort}\r\n`))).toEqual([]);
    expect(server.listener.size).toBe(1_000);
    for (const socket of all) socket.destroy();
    await server.heard.until(() => server.heard.closings.length === 1_000);
    expect(server.listener.size).toBe(0);
  });

  it('tells of each of many resets, also of those with unread octets, and goes on', async () => {
    await using server = await tcpServer();
    server.heard.reply = answerTo(20_000);
    for (let round = 0; round < 5; round++) {
      const all = await sockets(server.port, 50);
      for (const socket of all) socket.write(serialise(messageRequest()));
      if (round % 2 === 0) await server.heard.until(() => server.heard.messages.length >= (round + 1) * 50);
      for (const socket of all) socket.resetAndDestroy();
      await server.heard.until(() => server.listener.size === 0);
    }
    const [socket] = await sockets(server.port, 1);
    socket!.write(serialise(messageRequest()));
    expect(await readUntil(socket!, (got) => got.includes('\r\n\r\n'))).toMatch(/^SIP\/2\.0 200/);
    socket!.destroy();
  });

  it('takes nothing more from a flow that was closed by what it sent', async () => {
    await using server = await tcpServer();
    server.heard.reply = (_message, flow) => {
      flow.close('one is enough');
    };
    const all = await sockets(server.port, 20);
    const three = Buffer.concat(Array.from({ length: 3 }, () => serialise(messageRequest())));
    for (const socket of all) {
      socket.write(three);
      socket.resume().end();
    }
    await server.heard.until(() => server.heard.closings.length === 20);
    expect(server.heard.messages.length).toBe(20);
  });

  it('may be closed by what it hears', async () => {
    const server = await tcpServer();
    const closed = Promise.withResolvers<undefined>();
    server.heard.reply = () => {
      void server[Symbol.asyncDispose]().then(() => {
        closed.resolve(undefined);
      });
    };
    const all = await sockets(server.port, 20);
    for (const socket of all) {
      socket.resume();
      socket.write(serialise(messageRequest()));
    }
    await closed.promise;
    expect(server.listener.size).toBe(0);
    await expect(sockets(server.port, 1)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('speaks IPv6, and IPv4 at the same port (RFC 4291 §2.5.5.2)', async () => {
    await using server = await tcpServer({}, '::');
    expect(server.listener.local.address).toBe('::');
    for (const host of ['::1', '127.0.0.1']) {
      const [socket] = await sockets(server.port, 1, host);
      socket!.write(serialise(messageRequest()));
      const { flow } = await server.heard.message();
      expect(flow.remote).toEqual({ address: host, port: socket!.localPort });
      expect(flow.local).toEqual({ address: host, port: server.port });
      socket!.destroy();
    }
  });

  it('shares its port only with those who ask for it', async () => {
    const at = { host: '127.0.0.1', reusePort: true };
    await using first = await listenTcp({ ...at, port: 0 }, { ...new Heard().options, native });
    await using second = await listenTcp({ ...at, port: first.local.port }, { ...new Heard().options, native });
    expect(second.local).toEqual(first.local);
    const third = listenTcp({ host: '127.0.0.1', port: first.local.port }, { ...new Heard().options, native });
    await expect(third).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
