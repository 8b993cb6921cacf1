import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { eventually, seededRandom } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startParley } from '../scenarios/support/installation.ts';
import type { Installation } from '../scenarios/support/installation.ts';
import { startPhone } from '../scenarios/support/phone.ts';
import type { Phone } from '../scenarios/support/phone.ts';
import { requestText } from '../scenarios/support/wire.ts';

/** Where the hostile ones are; users are at 127.0.0.1. Nobody is trusted but an address that is not here. */
const hostile = '127.0.0.66';
const settings = {
  PARLEY_AUTH: 'none',
  PARLEY_TRUSTED_HOSTS: '192.0.2.1',
  PARLEY_ADDRESS_MESSAGES: '200',
  PARLEY_CONNECTION_MESSAGES: '100',
  PARLEY_UNAUTHENTICATED_CONNECTIONS: '60',
  PARLEY_UNAUTHENTICATED_IDLE: '4',
  PARLEY_MESSAGE_TIME: '3',
  PARLEY_HANDSHAKE_TIME: '3',
};

let parley: Installation;
let alice: Phone;
let bob: Phone;

beforeAll(async () => {
  parley = await startParley(settings);
  [alice, bob] = await Promise.all([startPhone(parley.ports, 'alice'), startPhone(parley.ports, 'bob')]);
});

afterAll(async () => {
  await alice[Symbol.asyncDispose]();
  await bob[Symbol.asyncDispose]();
  await parley[Symbol.asyncDispose]();
});

/** A connection of a hostile peer, which does not mind its end. */
async function intrude(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: hostile });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Sends messages from alice to bob while something goes on, and has each delivered at once. */
async function chatWhile<T>(other: Promise<T>, name: string): Promise<T> {
  const state = { isOver: false };
  const over = other.finally(() => (state.isOver = true));
  for (let i = 0; i < 5 || !state.isOver; i++) {
    const response = await alice.send('sip:bob@localhost', `${name} ${i}`);
    expect(response.statusCode).toBe(200);
    expect(bob.texts).toContain(`${name} ${i}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return await over;
}

async function closing(sockets: readonly Socket[]): Promise<void> {
  const open = sockets.filter((socket) => !socket.destroyed);
  await Promise.all(open.map((socket) => once(socket.resume(), 'close')));
}

/** One octet after the other of something that never ends, until the connection is closed. */
async function drip(socket: Socket, octets: string): Promise<void> {
  for (let at = 0; !socket.destroyed; at++) {
    socket.write(octets[at % octets.length] ?? '', 'latin1');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('Slow and silent clients cost nobody else anything', () => {
  it('when they send an octet now and then, of SIP, of a TLS handshake or of a WebSocket upgrade', async () => {
    const { sip, sips, sipWs } = parley.ports;
    const endless = `MESSAGE sip:bob@localhost SIP/2.0\r\nX: ${'y'.repeat(200)}\r\n`;
    const upgrade = `GET / HTTP/1.1\r\nX: ${'y'.repeat(200)}\r\n`;
    const slow = [
      ...Array.from({ length: 20 }, async () => drip(await intrude(sip), endless)),
      ...Array.from({ length: 10 }, async () => drip(await intrude(sips), '\u0016\u0003\u0001\u0002\u0000')),
      ...Array.from({ length: 10 }, async () => drip(await intrude(sipWs), upgrade)),
    ];
    await chatWhile(Promise.all(slow), 'slow');
  });

  it('when they connect and say nothing, and no more of them than one address may have', async () => {
    const silent = await Promise.all(Array.from({ length: 200 }, () => intrude(parley.ports.sip)));
    await eventually(() => {
      expect(silent.filter((socket) => !socket.resume().destroyed).length).toBeLessThanOrEqual(60);
    });
    await chatWhile(closing(silent), 'silent');
  });

  it('when they stop reading what they asked for', async () => {
    const socket = await intrude(parley.ports.sip);
    socket.pause();
    const register = requestText({
      method: 'REGISTER',
      uri: 'sip:localhost',
      lines: {
        From: '<sip:carol@localhost>;tag=c',
        To: '<sip:carol@localhost>',
        Contact: `<sip:carol@${hostile}:${socket.localPort};transport=tcp>`,
      },
    });
    socket.write(register);
    const large = 'x'.repeat(40_000);
    const answers = Array.from({ length: 60 }, () => alice.send('sip:carol@localhost', large));
    await chatWhile(Promise.race([answers[0], new Promise((resolve) => setTimeout(resolve, 1_000))]), 'stopped');
    socket.destroy();
    for (const answer of await Promise.all(answers)) expect(answer.statusCode).toBe(202);
  });
});

describe('A flood from one address leaves the others served', () => {
  it('over UDP, of messages, garbage and line breaks', async () => {
    const random = seededRandom(20_261_121);
    const socket = createSocket('udp4');
    socket.bind(0, hostile);
    await once(socket, 'listening');
    const statuses = new Map<string, number>();
    socket.on('message', (datagram) => {
      const status = datagram.toString('latin1', 8, 11);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
    const message = requestText({ lines: { Via: `SIP/2.0/UDP ${hostile};rport;branch=z9hG4bK#` } });
    const flood = async (): Promise<void> => {
      for (let i = 0; i < 20_000; i++) {
        const [dice = 0] = random.bytes(1);
        const datagram = dice < 200 ? message.replace('#', String(i)) : dice < 230 ? random.bytes(300) : '\r\n\r\n';
        socket.send(datagram, parley.ports.sip, '127.0.0.1');
        if (i % 50 === 0) await new Promise(setImmediate);
      }
    };
    await chatWhile(flood(), 'udp');
    await eventually(() => {
      expect(statuses.get('503')).toBeGreaterThan(0);
    });
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(10_000);
    socket.close();
  });

  it('over TCP, over many connections, each closed for it', async () => {
    const flooding = Array.from({ length: 20 }, async () => {
      const socket = await intrude(parley.ports.sip);
      const closed = once(socket.resume(), 'close');
      for (let i = 0; i < 100 && !socket.destroyed; i++) {
        socket.write(Array.from({ length: 50 }, () => requestText({})).join(''));
        await new Promise(setImmediate);
      }
      await closed;
    });
    await chatWhile(Promise.all(flooding), 'tcp');
  });
});
