import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { readRaw, readRawAll } from '@parley/sip';
import { eventually } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Phone } from '../support/phone.ts';
import { memoryBroker, startTestEdge } from '../support/test-edge.ts';
import type { TestEdge } from '../support/test-edge.ts';

const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';
const outbound = 'Supported: path, outbound';

/** Registers one flow of the device. */
function registerFlow(phone: Phone, regId: number, ...fields: string[]) {
  return phone.register(`${phone.contact};${instance};reg-id=${regId};expires=600`, [outbound, ...fields]);
}

describe('Client-initiated connections (RFC 5626)', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge();
  });
  afterAll(() => edge[Symbol.asyncDispose]());

  it('MUST answer a flow with Require: outbound, and MAY with Flow-Timer: shorter over UDP (§6)', async () => {
    for (const [transport, seconds] of [
      ['tcp', '120'],
      ['udp', '29'],
    ] as const) {
      await using alice = await Phone[transport](edge.port, 'alice');
      const answer = await registerFlow(alice, 1);
      expect([answer.statusCode, readRaw(answer, 'Require'), readRaw(answer, 'Flow-Timer')]).toEqual([
        200,
        'outbound',
        seconds,
      ]);
      expect(readRaw(answer, 'Service-Route')).toBe(`<sip:127.0.0.1:${edge.port};transport=${transport};lr>`);
      await alice.register('*', ['Expires: 0']);
    }
  });

  it('MUST NOT require it of others: without reg-id, or without the option tag (§6)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    const plain = await alice.register(`${alice.contact};${instance}`, [outbound]);
    const untagged = await alice.register(`${alice.contact};${instance};reg-id=1`);
    for (const answer of [plain, untagged]) {
      expect([answer.statusCode, readRaw(answer, 'Require'), readRaw(answer, 'Flow-Timer')]).toEqual([
        200,
        undefined,
        undefined,
      ]);
    }
    await alice.register('*', ['Expires: 0']);
  });

  it('MUST answer 439 behind a proxy that keeps no flow, and goes by the undermost Path where one does (§6, §11.6)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    let hops = 0;
    const behindProxy = {
      get Via() {
        return `SIP/2.0/UDP ${alice.local};rport;branch=z9hG4bKproxy${++hops}, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKd`;
      },
    };
    const far = (...fields: string[]) =>
      alice.request('REGISTER', 'sip:localhost', {
        to: 'sip:alice@localhost',
        instead: behindProxy,
        fields: [`Contact: <sip:alice@192.0.2.1>;${instance};reg-id=1`, outbound, ...fields],
      });
    expect((await far()).statusCode).toBe(439);
    expect((await far('Path: <sip:p.example.net;lr>')).statusCode).toBe(439);
    const kept = await far('Path: <sip:core.example.net;lr>', 'Path: <sip:token@edge.example.net;lr;ob>');
    expect([kept.statusCode, readRaw(kept, 'Require'), readRaw(kept, 'Flow-Timer')]).toEqual([
      200,
      'outbound',
      undefined,
    ]);
    expect(readRawAll(kept, 'Path')).toHaveLength(2);
    await alice.register('*', ['Expires: 0']);
  });

  it('MUST replace the flow of a reg-id: what comes later goes over the new connection alone (§6)', async () => {
    await using bob = await Phone.udp(edge.port, 'bob');
    await using old = await Phone.tcp(edge.port, 'alice');
    await using now = await Phone.tcp(edge.port, 'alice');
    await registerFlow(old, 1);
    const answer = await registerFlow(now, 1);
    expect(readRawAll(answer, 'Contact')).toHaveLength(1);
    const sent = bob.message('sip:alice@localhost');
    now.answer(await now.incoming(), 200);
    expect([(await sent).statusCode, old.unread]).toEqual([200, 0]);
    await old[Symbol.asyncDispose]();
    const again = bob.message('sip:alice@localhost');
    now.answer(await now.incoming(), 200);
    expect((await again).statusCode).toBe(200);
    await now.register('*', ['Expires: 0']);
  });

  it('MUST send over the flow that the REGISTER came over, also over UDP, whatever Contact says (§7)', async () => {
    await using bob = await Phone.udp(edge.port, 'bob');
    await using alice = await Phone.udp(edge.port, 'alice');
    await alice.register(`<sip:alice@127.0.0.1:9;transport=tcp>;${instance};reg-id=1`, [outbound]);
    const sent = bob.message('sip:alice@localhost');
    alice.answer(await alice.incoming(), 200);
    expect((await sent).statusCode).toBe(200);
    await alice.register('*', ['Expires: 0']);
  });

  it('MUST send a message over one flow of a device, and over the next when that one fails with 430 (§7)', async () => {
    await using bob = await Phone.udp(edge.port, 'bob');
    await using first = await Phone.tcp(edge.port, 'alice');
    await using second = await Phone.udp(edge.port, 'alice');
    await registerFlow(first, 1);
    const both = await registerFlow(second, 2);
    expect(readRawAll(both, 'Contact')).toHaveLength(2);
    const sent = bob.message('sip:alice@localhost', 'once');
    second.answer(await second.incoming(), 430, 'Flow Failed');
    const got = await first.incoming();
    expect(Buffer.from(got.body).toString()).toBe('once');
    first.answer(got, 200);
    expect((await sent).statusCode).toBe(200);
    const refused = bob.message('sip:alice@localhost', 'again');
    second.answer(await second.incoming(), 488, 'No');
    expect([(await refused).statusCode, first.unread]).toEqual([488, 0]);
    await second.register('*', ['Expires: 0']);
  });

  it('keeps a stored message for a device once, however many flows it comes back over (§7)', async () => {
    await using bob = await Phone.udp(edge.port, 'bob');
    await using first = await Phone.tcp(edge.port, 'carol');
    await registerFlow(first, 1);
    await first.register('*', ['Expires: 0']);
    expect((await bob.message('sip:carol@localhost', 'kept')).statusCode).toBe(202);
    await using second = await Phone.tcp(edge.port, 'carol');
    await registerFlow(first, 1);
    const kept = await first.incoming();
    await registerFlow(second, 2);
    first.answer(kept, 200);
    await eventually(async () => {
      expect(await edge.metrics.registry.getSingleMetricAsString('parley_mailbox_copies_total')).toMatch(
        /delivered".*\} 1$/m,
      );
    });
    expect(first.unread + second.unread).toBe(0);
  });

  it('MUST answer STUN on the SIP port with the address it sees (§5.4, §8)', async () => {
    const socket = createSocket('udp4');
    socket.connect(edge.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.send(Buffer.from('000100002112a442000102030405060708090a0b', 'hex'));
    const [answer] = (await once(socket, 'message')) as [Buffer];
    expect([answer.readUInt16BE(0), answer.readUInt16BE(26) ^ 0x2112]).toEqual([0x0101, socket.address().port]);
    socket.close();
  });

  it('MUST answer a double CRLF over TCP at once with one (§5.4)', async () => {
    const socket = connect({ port: edge.port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.write('\r\n\r\n');
    const [pong] = (await once(socket, 'data')) as [Buffer];
    expect(pong.toString()).toBe('\r\n');
    socket.destroy();
  });
});

describe('Bindings of several edges (RFC 5626 §6)', () => {
  it('are one for each flow of a device, whichever edge takes the REGISTER; each edge counts its own', async () => {
    const broker = memoryBroker();
    await using one = await startTestEdge({ bus: broker.connect(), instance: 'e1' });
    await using two = await startTestEdge({ bus: broker.connect(), instance: 'e2' });
    await using here = await Phone.tcp(one.port, 'alice');
    await using there = await Phone.tcp(two.port, 'alice');
    await registerFlow(here, 1);
    const moved = await registerFlow(there, 1);
    expect(readRawAll(moved, 'Contact')).toHaveLength(1);
    const counted = async ({ metrics }: TestEdge) =>
      /^parley_registrations\S* (\d+)$/m.exec(
        await metrics.registry.getSingleMetricAsString('parley_registrations'),
      )?.[1];
    await eventually(async () => {
      expect([await counted(one), await counted(two)]).toEqual(['0', '1']);
    });
  });
});
