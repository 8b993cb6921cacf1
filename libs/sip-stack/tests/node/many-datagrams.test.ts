import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createResponseTo, readRaw, serialise, withRawField } from '@parley/sip';
import type { SipMessage, SipRequest } from '@parley/sip';
import { eventually } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { listenUdp } from '../../src/node/index.ts';
import type { NativeListener } from '../../src/node/native/native-sockets.ts';
import { Heard, messageRequest, socketKinds } from './support.ts';

const request = serialise(messageRequest());

describe.each(socketKinds)('many datagrams, $name sockets', ({ native }) => {
  async function udpServer(host = '127.0.0.1') {
    const heard = new Heard();
    const listener = await listenUdp({ host, port: 0 }, { ...heard.options, native });
    return { heard, listener, port: listener.local.port, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
  }

  async function peer(port: number, host = '127.0.0.1') {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4_194_304 });
    await new Promise<void>((resolve) => {
      socket.connect(port, host, resolve);
    });
    return { socket, [Symbol.dispose]: () => socket.close() };
  }

  it('tells how full the queue of the kernel is, and that it was too small, where the system says so', async () => {
    const heard = new Heard();
    const at = { host: '127.0.0.1', port: 0 };
    await using listener = await listenUdp(at, { ...heard.options, native, recvBufferSize: 65_536 });
    using client = await peer(listener.local.port);
    expect(listener.fill()).toBe(native && 0);
    for (let i = 0; i < 1_000; i++) client.socket.send(request);
    await eventually(() => {
      if (native !== undefined) expect(listener.fill()).toBe(2);
    });
    await eventually(() => {
      expect(listener.fill()).toBe(native && 0);
    });
  });

  it('MAY have the kernel drop requests that can wait, and never answers, calls for help and what keeps up registrations (RFC 3261 §21.5.4)', async () => {
    const heard = new Heard();
    let pulses = 0;
    const options = { ...heard.options, native, onKeepAlive: () => pulses++ };
    await using listener = await listenUdp({ host: '127.0.0.1', port: 0 }, options);
    using client = await peer(listener.local.port);
    expect(listener.letIn(0)).toBe(native !== undefined);
    const kept = messageRequest();
    const waiting = ['sip:bob@localhost', 'urn:service:counseling', 'urn:service:so'].flatMap((requestUri) =>
      ['MESSAGE', 'SUBSCRIBE', 'PUBLISH', 'OPTIONS'].map((method) => ({ ...kept, method, requestUri })),
    );
    for (const one of waiting) client.socket.send(serialise(one));
    for (const requestUri of ['urn:service:sos', 'URN:Service:SOS.fire'])
      client.socket.send(serialise({ ...kept, requestUri }));
    for (const name of ['Priority', 'RESOURCE-PRIORITY'])
      for (let i = 0; i < 5; i++)
        client.socket.send(serialise(withRawField(withRawField(kept, 'Subject', 'x'.repeat(i)), name, 'emergency')));
    client.socket.send(serialise(createResponseTo(kept, 200)));
    client.socket.send('\r\n');
    client.socket.send(serialise({ ...kept, method: 'REGISTER' }));
    const isLast = (message: SipMessage | undefined): boolean =>
      message?.kind === 'request' && message.method === 'REGISTER';
    await heard.until(() => isLast(heard.messages.at(-1)?.message) && pulses === 1);
    const registers = heard.messages.length;
    expect(registers).toBe(native === undefined ? waiting.length + 14 : 14);
    listener.letIn(1);
    expect(listener.fill()).toBe(native && 0);
    client.socket.send(request);
    await heard.until(() => heard.messages.length > registers);
  });

  it('takes a burst as it came, each datagram whole, small and large', async () => {
    await using server = await udpServer();
    using client = await peer(server.port);
    const sizes = Array.from({ length: 300 }, (_, i) => (i % 50 === 49 ? 60_000 : i % 7 === 0 ? 3_000 : i));
    for (const [i, size] of sizes.entries()) {
      const body = new Uint8Array(size).fill(i % 251);
      client.socket.send(serialise(messageRequest({ callId: `${i}`, body })));
    }
    await server.heard.until(() => server.heard.messages.length === sizes.length);
    expect(server.heard.messages.map(({ message }) => readRaw(message, 'Call-ID'))).toEqual(
      sizes.map((_, i) => `${i}`),
    );
    const changed = server.heard.messages.filter(
      ({ message }, i) => message.body.length !== sizes[i] || message.body.some((octet) => octet !== i % 251),
    );
    expect(changed).toEqual([]);
  });

  it('keeps peers apart, and answers each in the turn in which it asked', async () => {
    await using server = await udpServer();
    server.heard.reply = (message, flow) => {
      flow.send(createResponseTo(message as SipRequest, 200));
    };
    const clients = await Promise.all(Array.from({ length: 100 }, () => peer(server.port)));
    const answers = clients.map(async ({ socket }) => ((await once(socket, 'message')) as [Buffer])[0].toString());
    for (const { socket } of clients) socket.send(serialise(messageRequest({ callId: String(socket.address().port) })));
    const texts = await Promise.all(answers);
    expect(texts.filter((text, i) => !text.includes(`Call-ID: ${clients[i]!.socket.address().port}\r\n`))).toEqual([]);
    expect(server.listener.size).toBe(100);
    for (const { socket } of clients) socket.close();
  });

  it('sends more in a turn than fits one system call', async () => {
    await using server = await udpServer();
    using client = await peer(server.port);
    const { address, port } = client.socket.address();
    const flow = server.listener.flowTo({ address, port });
    let count = 0;
    let octets = 0;
    const all = new Promise<void>((resolve) => {
      client.socket.on('message', (datagram) => {
        octets += datagram.length;
        if (++count === 500) resolve();
      });
    });
    const body = new Uint8Array(1_000);
    for (let i = 0; i < 500; i++) flow.send(messageRequest({ body }));
    await all;
    expect(octets).toBe(500 * serialise(messageRequest({ body })).length);
  });

  it('speaks IPv6 (RFC 3261 §18.2.1)', async () => {
    await using server = await udpServer('::1');
    server.heard.reply = (message, flow) => {
      flow.send(createResponseTo(message as SipRequest, 200));
    };
    using client = await peer(server.port, '::1');
    client.socket.send(request);
    expect(((await once(client.socket, 'message')) as [Buffer])[0].toString()).toMatch(/^SIP\/2\.0 200/);
    const { flow } = await server.heard.message();
    expect(flow.remote).toEqual({ address: '::1', port: client.socket.address().port });
    expect(server.listener.flowTo({ ...flow.remote })).toBe(flow);
  });

  it('tells of an address that the socket cannot reach', async () => {
    await using server = await udpServer();
    const flow = server.listener.flowTo({ address: '::1', port: 9 });
    flow.send(messageRequest());
    expect((await server.heard.closing()).flow).toBe(flow);
  });

  it('is not disturbed by peers that are gone', async () => {
    await using server = await udpServer();
    const gone = await peer(server.port);
    const flow = server.listener.flowTo({ address: '127.0.0.1', port: gone.socket.address().port });
    gone[Symbol.dispose]();
    for (let i = 0; i < 10; i++) {
      flow.send(messageRequest());
      await new Promise(setImmediate);
    }
    using client = await peer(server.port);
    client.socket.send(request);
    await server.heard.message();
    expect(server.heard.closings).toEqual([]);
  });

  it('may be closed by what it hears, and sends nothing after', async () => {
    const server = await udpServer();
    using client = await peer(server.port);
    const closed = Promise.withResolvers<undefined>();
    server.heard.reply = (_message, flow) => {
      void server[Symbol.asyncDispose]().then(() => {
        flow.send(messageRequest());
        closed.resolve(undefined);
      });
      server.heard.reply = undefined;
    };
    for (let i = 0; i < 200; i++) client.socket.send(request);
    await closed.promise;
    await using again = await listenUdp({ host: '127.0.0.1', port: server.port }, { ...new Heard().options, native });
    expect(again.local.port).toBe(server.port);
  });
});

const [, addOn] = socketKinds;
if (addOn?.native !== undefined) {
  const { native } = addOn;

  /** An add-on whose kernel takes nothing while `full`. */
  function congested() {
    let tell: NativeListener = () => {};
    const kernel = { full: false };
    return {
      kernel,
      /** The kernel has room again. */
      drain: (): void => {
        kernel.full = false;
        tell(0, Buffer.alloc(0), 0);
      },
      native: {
        ...native,
        openDatagrams: (...given: Parameters<typeof native.openDatagrams>) => {
          tell = given[8];
          return native.openDatagrams(...given);
        },
        sendDatagrams: (...[handle, first, end]: Parameters<typeof native.sendDatagrams>) =>
          kernel.full ? first : native.sendDatagrams(handle, first, end),
      },
    };
  }

  describe('a kernel that takes no filter, native sockets', () => {
    it('says so each time that it is asked to let in less', async () => {
      const options = { ...new Heard().options, native: { ...native, thinDatagrams: () => false } };
      await using listener = await listenUdp({ host: '127.0.0.1', port: 0 }, options);
      expect([listener.letIn(0.5), listener.letIn(0.5)]).toEqual([false, false]);
    });
  });

  describe('a network that takes nothing for a while, native sockets', () => {
    it('gets later what waited, in its order, and what did not fit is told of', async () => {
      const { kernel, drain, native: slow } = congested();
      const there = new Heard();
      const here = new Heard();
      await using to = await listenUdp({ host: '127.0.0.1', port: 0 }, { ...there.options, native });
      await using from = await listenUdp({ host: '127.0.0.1', port: 0 }, { ...here.options, native: slow });
      const flow = from.flowTo(to.local);
      kernel.full = true;
      for (let i = 0; i < 70; i++) flow.send(messageRequest({ callId: `${i}` }));
      await here.until(() => here.closings.length === 6);
      expect(here.closings[0]!.failure?.message).toMatch(/ENOBUFS/);
      drain();
      await there.until(() => there.messages.length === 64);
      flow.send(messageRequest({ callId: 'after' }));
      await there.until(() => there.messages.length === 65);
      const callIds = there.messages.map(({ message }) => readRaw(message, 'Call-ID'));
      expect(callIds).toEqual([...Array.from({ length: 64 }, (_, i) => `${i}`), 'after']);
    });
  });
}
