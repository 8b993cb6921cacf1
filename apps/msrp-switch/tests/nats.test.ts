import { fileURLToPath } from 'node:url';
import { connectBus } from '@parley/bus';
import type { Bus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually, startChild, startNats } from '@parley/testing';
import type { Child, NatsServer } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSwitchLimits } from '../src/limits.ts';
import { House, room, uriOf } from './support/house.ts';
import { cpim } from './support/peer.ts';

const nicknameService = fileURLToPath(new URL('../../nickname/src/main.ts', import.meta.url));

describe('A switch with a real NATS and real nickname services', () => {
  let nats: NatsServer;
  let house: House;
  const children: Child[] = [];
  const connect = async (): Promise<Bus> =>
    unwrap(await connectBus({ url: nats.url, name: 'test', clock: systemClock }));

  beforeAll(async () => {
    nats = await startNats();
    for (const instance of ['n1', 'n2']) {
      const env = { PARLEY_NATS_URL: nats.url, PARLEY_INSTANCE: instance, PARLEY_LEASE_MS: '3000' };
      children.push(startChild(process.execPath, [nicknameService], { env }));
    }
    house = await House.open({ bus: connect, limits: { ...defaultSwitchLimits, rebindTime: 300 } });
  });
  afterAll(async () => {
    await house[Symbol.asyncDispose]();
    for (const child of children) await child.stop();
    await nats[Symbol.asyncDispose]();
  });

  it('gives a nickname to exactly one of those who ask at once', async () => {
    const people = [await house.join('alice'), await house.join('bob'), await house.join('carol')];
    expect(
      await eventually(async () => (await people[0]?.nickname('Warm-up')) === 200 || Promise.reject(new Error())),
    ).toBe(true);
    for (let round = 0; round < 10; round++) {
      const codes = await Promise.all(people.map((peer) => peer.nickname(`Prize ${round}`)));
      expect(codes.filter((code) => code === 200)).toHaveLength(1);
      expect(codes.filter((code) => code === 423)).toHaveLength(2);
    }
    await house.hasTold('participantBound', 'alice');
  });

  it('compares nicknames as RFC 8266 §2.4 has it, and refuses what is none', async () => {
    const [dave, eve] = [await house.join('dave'), await house.join('eve')];
    expect(await dave.nickname('Foo  Bar')).toBe(200);
    expect(await eve.nickname('foo bar')).toBe(423);
    expect(await eve.nickname('\u202e')).toBe(423);
    expect(await dave.nickname('')).toBe(200);
    expect(await eve.nickname('foo bar')).toBe(200);
  });

  it('goes on passing messages while NATS is away, and tells the focus afterwards who was lost', async () => {
    const [frank, grace, leaver] = [await house.join('frank'), await house.join('grace'), await house.join('leaver')];
    await nats.kill9();
    expect(await frank.say(cpim(uriOf('frank'), room, 'still here'))).toBe(200);
    expect((await grace.heard(1)).body).toMatch(/still here$/);
    leaver.socket.destroy();
    await nats.restart();
    await house.hasTold('participantLost', 'leaver');
  });
});
