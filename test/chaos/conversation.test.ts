import { eventually, startNatsCluster } from '@parley/testing';
import type { NatsCluster } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../scenarios/support/installation.ts';
import { startParley } from '../scenarios/support/installation.ts';
import type { Guest, Phone } from '../scenarios/support/phone.ts';
import { enterRoom, startPhone } from '../scenarios/support/phone.ts';
import { serviceId } from '../scenarios/support/processes.ts';

const patience = { within: 30_000, every: 100 };

describe('a conversation on a cluster of three NATS', () => {
  let nats: NatsCluster;
  let parley: Installation;
  const phones = new Map<string, Phone>();
  const guests = new Map<string, Guest>();

  const phone = (name: string): Phone => present(phones.get(name), name);
  const guest = (name: string): Guest => present(guests.get(name), name);

  beforeAll(async () => {
    nats = await startNatsCluster();
    parley = await startParley({
      PARLEY_NATS_URL: nats.url,
      PARLEY_NATS_REPLICAS: '3',
      PARLEY_LEASE_MS: '3000',
    });
    for (const name of ['alice', 'bob', 'carol']) phones.set(name, await startPhone(parley.ports, name));
    guests.set('alice', await enterRoom(phone('alice'), 'tea', 'Queen'));
    guests.set('bob', await enterRoom(phone('bob'), 'tea', 'Knave'));
    await guest('alice').sees(/Queen[^]*Knave/);
  }, 180_000);
  afterAll(async () => {
    for (const one of [...guests.values(), ...phones.values()]) await one[Symbol.asyncDispose]();
    await parley[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  async function says(speaker: string, listener: string, text: string): Promise<void> {
    await guest(speaker).room.say(text);
    await guest(listener).hears(text);
  }

  it('goes on when nickname and notification are killed; nicknames stay, and joins are seen again', async () => {
    const before = (['nickname', 'notification'] as const).map((name) => [name, serviceId(parley, name)] as const);
    for (const [, pid] of before) process.kill(pid, 'SIGKILL');
    await says('alice', 'bob', 'are you there?');
    await says('bob', 'alice', 'I am');
    await eventually(() => {
      for (const [name, pid] of before) expect(serviceId(parley, name)).not.toBe(pid);
    }, patience);
    guests.set('carol', await eventually(() => enterRoom(phone('carol'), 'tea'), patience));
    await eventually(async () => {
      await expect(guest('carol').room.setNickname('QUEEN')).rejects.toThrow(/423/);
      await guest('carol').room.setNickname('Hatter');
    }, patience);
    await eventually(() => {
      for (const one of guests.values()) expect(one.roster).toMatch(/Queen[^]*Knave[^]*Hatter/);
    }, patience);
    await says('carol', 'alice', 'no room');
  }, 120_000);
});

function present<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`no ${name}`);
  return value;
}
