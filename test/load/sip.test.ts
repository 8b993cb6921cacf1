import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../scenarios/support/installation.ts';
import { startParley } from '../scenarios/support/installation.ts';
import type { RelayFault } from './sip/faulty-relay.ts';
import { startFaultyRelay } from './sip/faulty-relay.ts';
import { generate, hasCompiler } from './sip/generator.ts';

const users = 20;
const messages = 300;
const domain = 'bench.test';
const load = { users, messages, domain, seconds: 10 };
const accounts = Array.from({ length: users }, (_, user) => `u${user}:secret`).join(',');

describe.runIf(hasCompiler())('the load generator against Parley', () => {
  describe.each([
    { auth: 'digest', credentials: { password: 'secret' } },
    { auth: 'none', credentials: {} },
  ])('with authentication $auth', ({ auth, credentials }) => {
    let parley: Installation;

    beforeAll(async () => {
      parley = await startParley({ PARLEY_USERS: accounts, PARLEY_DOMAIN: domain, PARLEY_AUTH: auth });
    });
    afterAll(async () => {
      await parley[Symbol.asyncDispose]();
    });

    it.each(['udp', 'tcp'])('delivers every message once, in order, over %s (RFC 3428 §8)', async (transport) => {
      const server = `127.0.0.1:${parley.ports.sip}`;
      const figures = await generate({ ...load, ...credentials, server, transport });
      expect(figures).toMatchObject({ registered: users, sent: messages, ok200: messages, delivered: messages });
      expect(figures).toMatchObject({
        lost: 0,
        duplicatesNewTransaction: 0,
        outOfOrder: 0,
        notFromReceiver: 0,
        faults: 0,
      });
    });
  });
});

describe.runIf(hasCompiler())('the load generator against a relay with a fault in every tenth message', () => {
  const tenth = messages / 10;

  const cases: readonly (readonly [RelayFault, object])[] = [
    ['none', { delivered: messages, faults: 0 }],
    ['forge', { delivered: messages - tenth, lost: tenth, notFromReceiver: tenth }],
    ['double', { delivered: messages, lost: 0, duplicatesNewTransaction: tenth, duplicatesRetransmitted: 0 }],
    ['repeat', { delivered: messages, faults: 0, duplicatesNewTransaction: 0, duplicatesRetransmitted: tenth }],
    ['damage', { delivered: messages - tenth, lost: tenth, damaged: tenth }],
    [
      'refuse',
      { delivered: messages - tenth, lost: 0, failed: tenth, statuses: { 200: messages - tenth, 500: tenth } },
    ],
  ];

  it.each(cases)('tells what it is: %s', async (fault, expected) => {
    await using relay = await startFaultyRelay(fault);
    expect(await generate({ ...load, server: `127.0.0.1:${relay.port}` })).toMatchObject(expected);
  });

  it('counts messages that overtake others', async () => {
    await using relay = await startFaultyRelay('swap');
    const { outOfOrder } = await generate({ ...load, server: `127.0.0.1:${relay.port}` });
    expect(outOfOrder).toBeGreaterThan(0);
  });
});
