import { readRaw, readRawAll } from '@parley/sip';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelOf, sequenceOf } from '../../support/calls.ts';
import { Phone } from '../../support/phone.ts';
import { startTestEdge } from '../../support/test-edge.ts';
import type { TestEdge } from '../../support/test-edge.ts';

describe('INVITE between users (RFC 3261 §16)', () => {
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await startTestEdge();
  });
  afterAll(() => edge[Symbol.asyncDispose]());

  it('passes it with our Record-Route, and ACK and BYE within the dialog both ways over the connections of its ends', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const called = alice.request('INVITE', 'sip:bob@localhost', { fields: [`Contact: ${alice.contact}`] });
    const invite = await bob.incoming();
    const recorded = readRawAll(invite, 'Record-Route');
    expect(recorded.map((value) => /transport=(\w+)/.exec(value)?.[1])).toEqual(['tcp', 'udp']);
    bob.answer(invite, 180, 'Ringing');
    bob.answer(invite, 200, 'OK', [`Contact: ${bob.contact}`]);
    const accepted = await called;
    expect(accepted.statusCode).toBe(200);
    const to = readRaw(accepted, 'To') ?? '';
    const routes = readRawAll(accepted, 'Record-Route')
      .toReversed()
      .map((value) => `Route: ${value}`);
    const target = `sip:bob@${bob.local}`;
    alice.send(alice.write('ACK', target, { to, fields: routes, instead: { CSeq: `${sequenceOf(invite)} ACK` } }));
    const ack = await bob.incoming();
    expect([ack.method, readRawAll(ack, 'Route'), ack.requestUri]).toEqual(['ACK', [], target]);
    const from = readRaw(invite, 'From') ?? '';
    const hungUp = bob.ask('BYE', `sip:alice@${alice.local}`, {
      to: from,
      fields: recorded.map((value) => `Route: ${value}`),
      instead: { From: to, 'Call-ID': alice.callId },
    });
    const bye = await alice.incoming();
    expect(bye.method).toBe('BYE');
    alice.answer(bye, 200);
    expect((await hungUp).statusCode).toBe(200);
  });

  it('cancels it at every device (RFC 3261 §16.10)', async () => {
    await using alice = await Phone.udp(edge.port, 'alice');
    await using bob = await Phone.udp(edge.port, 'bob');
    await bob.register();
    await alice.ask('INVITE', 'sip:bob@localhost');
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

  it('answers a cancelled caller though a device is silent, and cancels that one once it may (RFC 3261 §9.1)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const called = alice.request('INVITE', 'sip:bob@localhost', { fields: [`Contact: ${alice.contact}`] });
    const invite = await bob.incoming();
    alice.send(cancelOf(alice, invite));
    const codes = [await called, await alice.final()].map(({ statusCode }) => statusCode).toSorted();
    expect([codes, bob.unread]).toEqual([[200, 487], 0]);
    bob.answer(invite, 180, 'Ringing');
    expect((await bob.incoming()).method).toBe('CANCEL');
    bob.answer(invite, 200, 'OK', [`Contact: ${bob.contact}`]);
    // §16.7 (5): a 2xx MUST be forwarded even after another final response.
    expect((await alice.final()).statusCode).toBe(200);
  });

  it("refuses a request within the dialog that comes over somebody else's connection", async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const called = alice.request('INVITE', 'sip:bob@localhost', { fields: [`Contact: ${alice.contact}`] });
    const invite = await bob.incoming();
    bob.answer(invite, 200, 'OK', [`Contact: ${bob.contact}`]);
    const accepted = await called;
    const [route = ''] = readRawAll(accepted, 'Record-Route');
    await using eve = await Phone.tcp(edge.port, 'carol');
    const bye = await eve.ask('BYE', `sip:bob@${bob.local}`, {
      to: readRaw(accepted, 'To') ?? '',
      fields: [`Route: ${route}`],
    });
    expect(bye.statusCode).toBe(403);
    const both = readRawAll(accepted, 'Record-Route').toReversed();
    const inPlace = await eve.request('BYE', `sip:bob@${bob.local}`, {
      to: readRaw(accepted, 'To') ?? '',
      fields: both.map((value) => `Route: ${value}`),
    });
    expect(inPlace.statusCode).toBe(403);
    const forged = await eve.ask('BYE', `sip:bob@${bob.local}`, {
      to: readRaw(accepted, 'To') ?? '',
      fields: [`Route: ${route.replace(/<sip:./, '<sip:_')}`],
    });
    expect(forged.statusCode).toBe(407);
  });

  it('records a NOTIFY too, which may be the first that its receiver hears of the dialog (RFC 6665 §4.3)', async () => {
    await using alice = await Phone.tcp(edge.port, 'alice');
    await using bob = await Phone.tcp(edge.port, 'bob');
    await bob.register();
    const fields = ['Event: dialog', `Contact: ${alice.contact}`];
    const asked = alice.request('SUBSCRIBE', 'sip:bob@localhost', { fields });
    const subscribe = await bob.incoming();
    bob.answer(subscribe, 200, 'OK', [`Contact: ${bob.contact}`, 'Expires: 60']);
    const to = readRaw(await asked, 'To') ?? '';
    const routes = readRawAll(subscribe, 'Record-Route').map((value) => `Route: ${value}`);
    const told = bob.ask('NOTIFY', `sip:alice@${alice.local}`, {
      to: readRaw(subscribe, 'From') ?? '',
      fields: [...routes, 'Event: dialog', 'Subscription-State: active', `Contact: ${bob.contact}`],
      instead: { From: to, 'Call-ID': alice.callId },
    });
    const notify = await alice.incoming();
    expect([notify.method, readRawAll(notify, 'Record-Route').length]).toEqual(['NOTIFY', 2]);
    alice.answer(notify, 200);
    expect((await told).statusCode).toBe(200);
    const again = alice.ask('SUBSCRIBE', `sip:bob@${bob.local}`, {
      to,
      fields: [...fields, ...readRawAll(notify, 'Record-Route').map((value) => `Route: ${value}`)],
    });
    const refresh = await bob.incoming();
    expect(refresh.method).toBe('SUBSCRIBE');
    bob.answer(refresh, 200);
    expect((await again).statusCode).toBe(200);
  });
});
