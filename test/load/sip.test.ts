import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../scenarios/support/installation.ts';
import { startParley } from '../scenarios/support/installation.ts';
import { hasCompiler } from './compiled.ts';
import type { RelayFault } from './sip/faulty-relay.ts';
import { startFaultyRelay } from './sip/faulty-relay.ts';
import { generate } from './sip/generator.ts';

const users = 20;
const messages = 300;
const domain = 'bench.test';
/** The number of messages ends it, long before the seconds do. */
const load = { users, messages, domain, seconds: 100 };
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

  it('counts what is stored and never delivered, over two runs', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'parley-load-state-'));
    const state = join(directory, 'state');
    await using honest = await startFaultyRelay('none');
    await using forgetful = await startFaultyRelay('forget');
    for (const [relay, accepted, lost] of [
      [honest, messages, 0],
      [forgetful, messages, tenth],
    ] as const) {
      const there = { ...load, state, server: `127.0.0.1:${relay.port}` };
      expect(await generate({ ...there, mode: 'offline' })).toMatchObject({ accepted202: accepted, faults: 0 });
      expect(await generate({ ...there, seconds: 4, mode: 'drain' })).toMatchObject({ accepted202: accepted, lost });
    }
    await rm(directory, { recursive: true });
  });
});
