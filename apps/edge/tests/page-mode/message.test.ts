import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { readRaw, readRawAll } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { memoryBroker, startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

describe.each(['udp', 'tcp'] as const)('MESSAGE between two users over %s (RFC 3428 §5)', (transport) => {
  let edge: TestEdge;
  let alice: Phone;
  let bob: Phone;

  beforeAll(async () => {
    edge = await startTestEdge();
    alice = await Phone[transport](edge.port, 'alice');
    bob = await Phone[transport](edge.port, 'bob');
    await bob.register();
  });

  afterAll(async () => {
    await alice[Symbol.asyncDispose]();
    await bob[Symbol.asyncDispose]();
    await edge[Symbol.asyncDispose]();
  });

  it('challenges by 407 with SHA-256 first and MD5 second (RFC 8760 §2.3), and takes either', async () => {
    const challenged = await alice.ask('MESSAGE', 'sip:bob@localhost');
    expect(challenged.statusCode).toBe(407);
    expect(readRawAll(challenged, 'Proxy-Authenticate').map((value) => /algorithm=([^,]+)/.exec(value)?.[1])).toEqual([
      'SHA-256',
      'MD5',
    ]);
    for (const algorithm of ['SHA-256', 'MD5']) {
      const answered = alice.request('MESSAGE', 'sip:bob@localhost', { body: 'x' }, algorithm);
      bob.answer(await bob.incoming(), 200);
      expect((await answered).statusCode).toBe(200);
    }
  });

  it('delivers to the contact with one hop less, our Via on top, body and fields untouched, and brings the answer back', async () => {
    const body = 'h\u00e9 \ud83d\ude00\r\n\r\nnot the end';
    const sent = alice.message('sip:bob@localhost', body, ['X-Unknown:  as  it came', 's: compact']);
    const got = await bob.incoming();
    expect(got.requestUri).toBe(`sip:bob@${bob.local}`);
    expect(readRaw(got, 'Max-Forwards')).toBe('69');
    expect(readRawAll(got, 'Via')).toHaveLength(2);
    expect(readRaw(got, 'X-Unknown')).toBe('as  it came');
    expect(readRaw(got, 'Subject')).toBe('compact');
    expect(readRaw(got, 'Proxy-Authorization')).toBeUndefined();
    expect(Buffer.from(got.body).toString()).toBe(body);
    bob.answer(got, 299, 'Fine With Me', ['X-Answer: yes'], 'answer body');
    const answer = await sent;
    expect([answer.statusCode, answer.reasonPhrase, readRaw(answer, 'X-Answer')]).toEqual([299, 'Fine With Me', 'yes']);
    expect(readRawAll(answer, 'Via')).toHaveLength(1);
    expect(readRaw(answer, 'To')).toContain('tag=to-bob');
    expect(Buffer.from(answer.body).toString()).toBe('answer body');
  });

  it('adds Date when there is none and leaves it alone when there is (RFC 3261 §20.17)', async () => {
    const dated = 'Sat, 13 Nov 2010 23:29:00 GMT';
    for (const [fields, expected] of [
      [[], /GMT$/],
      [[`Date: ${dated}`], dated],
    ] as const) {
      const sent = alice.message('sip:bob@localhost', 'x', fields);
      const got = await bob.incoming();
      expect(readRaw(got, 'Date')).toMatch(expected);
      bob.answer(got, 200);
      await sent;
    }
  });

  it('answers 404 for nobody and 202 for somebody who is away (RFC 3428 §7)', async () => {
    expect((await alice.message('sip:nobody@localhost')).statusCode).toBe(404);
    expect((await alice.message('sip:carol@localhost')).statusCode).toBe(202);
  });

  it('goes on while NATS is away (no part of the path waits for it)', async () => {
    const broker = memoryBroker();
    await using own = await startTestEdge({ bus: broker.connect() });
    await using sender = await Phone[transport](own.port, 'alice');
    await using recipient = await Phone[transport](own.port, 'bob');
    await recipient.register();
    broker.goAway();
    const sent = sender.message('sip:bob@localhost');
    recipient.answer(await recipient.incoming(), 200);
    expect((await sent).statusCode).toBe(200);
    expect((await recipient.register()).statusCode).toBe(503);
  });
});

describe('MESSAGE to several devices (RFC 3261 §16.7)', () => {
  it('forks to all at once and gives back the first 2xx', async () => {
    await using edge = await startTestEdge();
    await using alice = await Phone.udp(edge.port, 'alice');
    await using desk = await Phone.udp(edge.port, 'bob');
    await using mobile = await Phone.tcp(edge.port, 'bob');
    await desk.register();
    await mobile.register();
    const sent = alice.message('sip:bob@localhost');
    const [atDesk, atMobile] = [await desk.incoming(), await mobile.incoming()];
    desk.answer(atDesk, 486);
    mobile.answer(atMobile, 200);
    expect((await sent).statusCode).toBe(200);
  });

  it('gives back the best of several refusals, and 202 for 408: a copy is stored (RFC 4320 §4.2)', async () => {
    await using edge = await startTestEdge();
    await using alice = await Phone.udp(edge.port, 'alice');
    await using one = await Phone.tcp(edge.port, 'bob');
    await using two = await Phone.tcp(edge.port, 'bob');
    await one.register();
    await two.register();
    const answers = async (first: number, second: number): Promise<number> => {
      const sent = alice.message('sip:bob@localhost');
      one.answer(await one.incoming(), first);
      two.answer(await two.incoming(), second);
      return (await sent).statusCode;
    };
    expect(await answers(415, 486)).toBe(415);
    expect(await answers(404, 603)).toBe(603);
    expect(await answers(503, 503)).toBe(500);
    expect(await answers(408, 408)).toBe(202);
  });

  it('brings the answer over a new connection when that of the request is gone (RFC 3261 §18.2.2)', async () => {
    await using edge = await startTestEdge({ env: { PARLEY_AUTH: 'none' } });
    await using bob = await Phone.udp(edge.port, 'bob');
    await bob.register();
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using alice = await Phone.tcp(edge.port, 'alice');
    await alice.register();
    const via = `SIP/2.0/TCP 127.0.0.1:${port};branch=z9hG4bKgone`;
    alice.send(alice.write('MESSAGE', 'sip:bob@localhost', { instead: { Via: via } }));
    const got = await bob.incoming();
    await alice[Symbol.asyncDispose]();
    await eventually(async () => {
      expect(await edge.metrics.text()).toMatch(/parley_sip_flows\{service="edge"\} 0\n/);
    });
    const connected = once(server, 'connection') as Promise<[Socket]>;
    bob.answer(got, 200);
    const [socket] = await connected;
    const [octets] = (await once(socket, 'data')) as [Buffer];
    expect(octets.toString()).toMatch(/^SIP\/2\.0 200/);
    socket.destroy();
    server.close();
  });

  it('ends the bindings of a connection that closes', async () => {
    await using edge = await startTestEdge();
    await using alice = await Phone.udp(edge.port, 'alice');
    const bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    await bob[Symbol.asyncDispose]();
    let status = 0;
    for (let tries = 0; tries < 50 && status !== 202; tries++)
      status = (await alice.message('sip:bob@localhost')).statusCode;
    expect(status).toBe(202);
    const show = await alice.request('MESSAGE', 'sip:bob@localhost');
    expect(show.statusCode).toBe(202);
  });
});
