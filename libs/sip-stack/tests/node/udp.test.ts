import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createResponseTo, readRaw, serialise } from '@parley/sip';
import type { SipRequest } from '@parley/sip';
import { describe, expect, it } from 'vitest';
import { createConnector, listenUdp } from '../../src/node/index.ts';
import type { UdpOptions } from '../../src/node/index.ts';
import { Heard, messageRequest, socketKinds } from './support.ts';

const anywhere = { host: '127.0.0.1', port: 0 };

async function client(port: number) {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.connect(port, '127.0.0.1', resolve);
  });
  return {
    socket,
    port: socket.address().port,
    async next(): Promise<Buffer> {
      const [datagram] = (await once(socket, 'message')) as [Buffer];
      return datagram;
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

describe.each(socketKinds)('UDP listener, $name sockets', ({ native }) => {
  async function udpServer(more: Partial<UdpOptions> = {}) {
    const heard = new Heard();
    const listener = await listenUdp(anywhere, { ...heard.options, native, ...more });
    return { heard, listener, port: listener.local.port, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
  }

  it('MUST fill rport and received where rport was asked for (RFC 3581 §4)', async () => {
    await using server = await udpServer();
    using peer = await client(server.port);
    peer.socket.send(serialise(messageRequest({ via: 'SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK1' })));
    const { message, flow } = await server.heard.message();
    expect(readRaw(message, 'Via')).toBe(
      `SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;received=127.0.0.1;rport=${peer.port}`,
    );
    expect(flow).toMatchObject({ protocol: 'UDP', reliable: false, open: true });
  });

  it('answers to where the request came from', async () => {
    await using server = await udpServer();
    server.heard.reply = (message, flow) => {
      flow.send(createResponseTo(message as SipRequest, 200));
    };
    using peer = await client(server.port);
    peer.socket.send(serialise(messageRequest()));
    expect((await peer.next()).toString()).toMatch(/^SIP\/2\.0 200 OK\r\n/);
  });

  it('is one flow for all that comes from and goes to one address, with the same name after it was forgotten', async () => {
    await using server = await udpServer();
    const remote = { address: '127.0.0.1', port: 9 };
    const flow = server.listener.flowTo(remote);
    expect(server.listener.flowTo({ ...remote })).toBe(flow);
    flow.close('forgotten');
    const again = server.listener.flowTo(remote);
    expect(again).not.toBe(flow);
    expect(again.id).toBe(flow.id);
    expect(server.listener.flowTo({ ...remote, port: 10 }).id).not.toBe(flow.id);
  });

  it('remembers a bounded number of addresses, those used last', async () => {
    await using server = await udpServer({ limits: { udpFlows: 10 } });
    const first = server.listener.flowTo({ address: '127.0.0.1', port: 1 });
    for (let port = 2; port < 1000; port++) {
      server.listener.flowTo({ address: '127.0.0.1', port });
      expect(server.listener.flowTo({ address: '127.0.0.1', port: 1 })).toBe(first);
      expect(server.listener.size).toBeLessThanOrEqual(10);
    }
  });

  it('answers STUN binding requests with the address it sees (RFC 5626 §8, RFC 5389 §15.2)', async () => {
    await using server = await udpServer();
    using peer = await client(server.port);
    const request = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
    peer.socket.send(request);
    const answer = await peer.next();
    expect(answer.readUInt16BE(0)).toBe(0x0101);
    expect(answer.subarray(4, 20)).toEqual(request.subarray(4));
    expect(answer.readUInt16BE(26) ^ 0x2112).toBe(peer.port);
    expect(answer.readUInt32BE(28) ^ 0x2112a442).toBe(0x7f000001);
  });

  it('lets its owner take STUN', async () => {
    await using server = await udpServer({ onStun: (_datagram, remote) => Buffer.from(`seen ${remote.port}`) });
    using peer = await client(server.port);
    peer.socket.send(Buffer.from('000100002112a442000102030405060708090a0b', 'hex'));
    expect((await peer.next()).toString()).toBe(`seen ${peer.port}`);
  });

  it('tells its owner of line breaks and zeros that keep a NAT open, and answers none (RFC 5626 §4.4.1)', async () => {
    const kept: number[] = [];
    await using server = await udpServer({ onKeepAlive: ({ port }) => kept.push(port) });
    using peer = await client(server.port);
    for (const keepAlive of ['\r\n\r\n', '\r\n', '\0\0\0\0']) peer.socket.send(keepAlive);
    // The answer to what is sent last is the first to come.
    peer.socket.send(Buffer.from('000100002112a442000102030405060708090a0b', 'hex'));
    expect((await peer.next()).readUInt16BE(0)).toBe(0x0101);
    expect(kept).toEqual([peer.port, peer.port, peer.port]);
  });

  it('passes over keep-alives, counts garbage, answers bad requests', async () => {
    await using server = await udpServer();
    using peer = await client(server.port);
    peer.socket.send('\r\n\r\n');
    peer.socket.send(Buffer.from([0]));
    peer.socket.send(Buffer.alloc(100));
    peer.socket.send('hello there');
    const text = Buffer.from(serialise(messageRequest())).toString('latin1');
    peer.socket.send(text.replace('SIP/2.0\r\n', 'SIP/3.0\r\n'));
    expect((await peer.next()).toString()).toMatch(/^SIP\/2\.0 505 /);
    expect(server.heard.drops).toEqual(['garbage', 'garbage', 'malformed-request']);
  });

  it('tells the observer of a datagram that the network does not take', async () => {
    await using server = await udpServer();
    const flow = server.listener.flowTo({ address: '127.0.0.1', port: 9 });
    flow.send(messageRequest({ body: new Uint8Array(70_000) }));
    const closing = await server.heard.closing();
    expect(closing.flow).toBe(flow);
    expect(closing.failure?.message).toMatch(/EMSGSIZE/);
  });

  it('rejects with the error of the system when its place is taken', async () => {
    await using server = await udpServer();
    const again = listenUdp({ host: '127.0.0.1', port: server.port }, { ...new Heard().options, native });
    await expect(again).rejects.toThrow(/EADDRINUSE/);
  });

  it('is where the connector sends from', async () => {
    await using mine = await udpServer();
    await using there = await udpServer();
    await using connector = createConnector({ ...new Heard().options, udp: mine.listener });
    connector
      .flowTo({ protocol: 'UDP', address: '127.0.0.1', port: there.port, serverName: '' })
      .send(messageRequest());
    expect((await there.heard.message()).flow.remote.port).toBe(mine.port);
  });

  it('speaks with IPv4 peers from a dual-stack socket (RFC 4291 §2.5.5.2)', async () => {
    const heard = new Heard();
    await using listener = await listenUdp({ host: '::', port: 0 }, { ...heard.options, native });
    heard.reply = (message, flow) => {
      flow.send(createResponseTo(message as SipRequest, 200));
    };
    using peer = await client(listener.local.port);
    peer.socket.send(serialise(messageRequest()));
    expect((await peer.next()).toString()).toMatch(/^SIP\/2\.0 200/);
    expect(heard.messages[0]!.flow.remote.address).toBe('127.0.0.1');
  });
});
