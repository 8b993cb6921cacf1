import { readRaw, readRawAll } from '@parley/sip';
import type { SipRequest, SipResponse } from '@parley/sip';
import { eventually } from '@parley/testing';
import type { MemoryBroker } from '@parley/bus';
import { describe, expect, it } from 'vitest';
import { cancelOf, sequenceOf } from '../../support/calls.ts';
import { Phone } from '../../support/phone.ts';
import { memoryBroker, startTestEdge } from '../../support/test-edge.ts';
import type { TestEdge } from '../../support/test-edge.ts';

function routes(message: SipRequest | SipResponse, isCaller: boolean): readonly string[] {
  const recorded = readRawAll(message, 'Record-Route');
  return (isCaller ? recorded.toReversed() : recorded).map((value) => `Route: ${value}`);
}

/** Two edges, alice at the one and bob at the other. */
async function twoEdges(broker: MemoryBroker): Promise<readonly [TestEdge, TestEdge, Phone, Phone]> {
  const one = await startTestEdge({ bus: broker.connect(), instance: 'e1' });
  const two = await startTestEdge({ bus: broker.connect(), instance: 'e2' });
  const alice = await Phone.tcp(one.port, 'alice');
  const bob = await Phone.tcp(two.port, 'bob');
  expect((await bob.register()).statusCode).toBe(200);
  await eventually(async () => {
    expect((await alice.request('OPTIONS', 'sip:nobody@localhost')).statusCode).toBe(404);
  });
  return [one, two, alice, bob];
}

describe('A call whose ends are at two edges', () => {
  it('rings, is answered and ended from either side, each over its own connection (RFC 3261 §16.6 (4), §16.7)', async () => {
    const [one, two, alice, bob] = await twoEdges(memoryBroker());
    await using stack = new AsyncDisposableStack();
    for (const each of [one, two, alice, bob]) stack.use(each);
    alice.send(alice.write('INVITE', 'sip:bob@localhost', { fields: [`Contact: ${alice.contact}`] }));
    await alice.final();
    const called = alice.request('INVITE', 'sip:bob@localhost', { fields: [`Contact: ${alice.contact}`] });
    const invite = await bob.incoming();
    const ports = readRawAll(invite, 'Record-Route').map((value) => Number(/:(\d+);/.exec(value)?.[1]));
    expect(ports).toEqual([two.port, one.port]);
    bob.answer(invite, 180, 'Ringing');
    bob.answer(invite, 200, 'OK', [`Contact: ${bob.contact}`]);
    const accepted = await called;
    expect(accepted.statusCode).toBe(200);
    const to = readRaw(accepted, 'To') ?? '';
    const target = `sip:bob@${bob.local}`;
    const instead = { CSeq: `${sequenceOf(invite)} ACK` };
    alice.send(alice.write('ACK', target, { to, fields: routes(accepted, true), instead }));
    expect((await bob.incoming()).method).toBe('ACK');
    const moved = alice.ask('INFO', target, { to, fields: routes(accepted, true) });
    const info = await bob.incoming();
    expect([info.method, readRawAll(info, 'Route')]).toEqual(['INFO', []]);
    bob.answer(info, 200);
    expect((await moved).statusCode).toBe(200);
    const hungUp = bob.ask('BYE', `sip:alice@${alice.local}`, {
      to: readRaw(invite, 'From') ?? '',
      fields: routes(invite, false),
      instead: { From: to, 'Call-ID': alice.callId },
    });
    const bye = await alice.incoming();
    expect(bye.method).toBe('BYE');
    alice.answer(bye, 200);
    expect((await hungUp).statusCode).toBe(200);
  });

  it('is cancelled across them (RFC 3261 §16.10)', async () => {
    const [one, two, alice, bob] = await twoEdges(memoryBroker());
    await using stack = new AsyncDisposableStack();
    for (const each of [one, two, alice, bob]) stack.use(each);
    const called = alice.request('INVITE', 'sip:bob@localhost', { fields: [`Contact: ${alice.contact}`] });
    const invite = await bob.incoming();
    bob.answer(invite, 180, 'Ringing');
    alice.send(cancelOf(alice, invite));
    const cancel = await bob.incoming();
    expect(cancel.method).toBe('CANCEL');
    bob.answer(cancel, 200);
    bob.answer(invite, 487);
    const codes = [await called, await alice.final()].map(({ statusCode }) => statusCode).toSorted();
    expect(codes).toEqual([200, 487]);
  });

  it('goes on after the edge of an end over UDP was started anew: the token outlives it (RFC 5626 §5.2)', async () => {
    const broker = memoryBroker();
    const first = await startTestEdge({ bus: broker.connect(), instance: 'e1' });
    const env = { PARLEY_SIP_PORT: String(first.port) };
    await using alice = await Phone.udp(first.port, 'alice');
    await using bob = await Phone.udp(first.port, 'bob');
    await bob.register();
    await alice.ask('INVITE', 'sip:bob@localhost');
    const called = alice.request('INVITE', 'sip:bob@localhost', { fields: [`Contact: ${alice.contact}`] });
    const invite = await bob.incoming();
    bob.answer(invite, 200, 'OK', [`Contact: ${bob.contact}`]);
    const accepted = await called;
    const to = readRaw(accepted, 'To') ?? '';
    const target = `sip:bob@${bob.local}`;
    const instead = { CSeq: `${sequenceOf(invite)} ACK` };
    alice.send(alice.write('ACK', target, { to, fields: routes(accepted, true), instead }));
    await bob.incoming();
    await first[Symbol.asyncDispose]();
    await using again = await startTestEdge({ bus: broker.connect(), instance: 'e1', env });
    expect(again.port).toBe(first.port);
    const hungUp = alice.ask('BYE', target, { to, fields: routes(accepted, true) });
    const bye = await bob.incoming();
    expect(bye.method).toBe('BYE');
    bob.answer(bye, 200);
    expect((await hungUp).statusCode).toBe(200);
  });
});
