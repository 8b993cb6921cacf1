import type { Bus } from '@parley/bus';
import { connectBus } from '@parley/bus';
import { unwrap } from '@parley/prelude';
import type { Random } from '@parley/prelude';
import { systemClock } from '@parley/service';
import { eventually, seededRandom } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askUntilAnswered, Holder, Ledger } from './support/nickname-holders.ts';
import type { NatsPlace } from './support/service-processes.ts';
import { natsPlaces, ServiceProcesses } from './support/service-processes.ts';

/** Changes the run; a failing one is named by it. */
const seed = Number(process.env['CHAOS_SEED'] ?? 20_261_121);
/** Kills in one run. */
const kills = 3;
const names = ['Queen', 'King', 'Knave', 'Hatter', 'Dormouse', 'Duchess', 'Gryphon', 'Dodo'];
const rooms = Array.from({ length: 4 }, (_, i) => `sip:tea-${String(i)}@chat.localhost`);

const picker = (random: Random) => (limit: number) => {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) % limit;
};
const wait = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

describe.each(natsPlaces)(`two nickname processes on %s (seed ${String(seed)})`, (_name, startPlace) => {
  let nats: NatsPlace;
  let services: ServiceProcesses;
  let bus: Bus;
  const pick = picker(seededRandom(seed));
  const instances = ['first', 'second'];

  beforeAll(async () => {
    nats = await startPlace();
    services = new ServiceProcesses('nickname', nats, { PARLEY_NICKNAME_QUARANTINE: '1' });
    await Promise.all(instances.map((name) => services.start(name)));
    bus = unwrap(await connectBus({ url: nats.url, name: 'test', clock: systemClock, within: 30_000 }));
  }, 120_000);
  afterAll(async () => {
    await bus.drain();
    await services[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  async function killOne(): Promise<void> {
    const victim = instances[pick(2)] ?? '';
    await services.kill9(victim);
    await wait(pick(500));
    await services.start(victim);
  }

  /** Nicknames in use by their holders. */
  async function listed(scope: string): Promise<ReadonlyMap<string, string>> {
    const outcome = await askUntilAnswered(bus, scope, { kind: 'list', value: {} });
    if (outcome.kind !== 'list') throw new Error(`expected a list, got ${outcome.kind}`);
    const held = outcome.value.items.filter(({ keptUntil }) => keptUntil === 0);
    expect(new Set(held.map(({ holder }) => holder)).size, 'a holder with two').toBe(held.length);
    return new Map(held.map(({ holder, prepared }) => [holder, prepared]));
  }

  it('kill -9 while people take, change and give back: no nickname is lost, none is given twice', async () => {
    const ledger = new Ledger();
    const holders = rooms.flatMap((room) =>
      Array.from({ length: 6 }, (_, i) => new Holder(bus, ledger, room, `u${String(i)}`)),
    );
    const running = holders.map((holder) => holder.run(names, pick));
    for (let kill = 0; kill < kills; kill++) {
      await wait(300 + pick(500));
      await killOne();
    }
    await eventually(() => {
      expect(Math.min(...holders.map(({ answered }) => answered))).toBeGreaterThan(kills);
    });
    for (const holder of holders) holder.stop();
    await Promise.all(running);
    expect(ledger.violations).toEqual([]);
    for (const room of rooms) {
      const own = holders.filter((holder) => holder.room === room && holder.key !== '');
      expect(await listed(room)).toEqual(new Map(own.map(({ address, key }) => [address, key])));
    }
  }, 120_000);

  it('1,000 people race for 100 nicknames: exactly 100 winners, every time, whoever is killed meanwhile', async () => {
    const spellings = [
      (text: string) => text,
      (text: string) => text.toUpperCase(),
      (text: string) => ` ${text}  `,
      (text: string) => text.replace('n', 'ｎ'),
    ];
    for (let round = 0; round < 3; round++) {
      const room = `sip:race-${String(round)}@chat.localhost`;
      const people = Array.from({ length: 1000 }, (_, i) => ({
        rank: pick(65_536),
        holder: `sip:racer${String(i)}@localhost`,
        name: `name ${String(i % 100)}`,
      }));
      people.sort((a, b) => a.rank - b.rank);
      const race = Promise.all(
        people.map(async ({ holder, name }) => {
          const nickname = (spellings[pick(spellings.length)] ?? String)(name);
          const value = { nickname, holder, participant: 'p', room };
          const outcome = await askUntilAnswered(bus, room, { kind: 'reserve', value });
          return outcome.kind === 'reserved' ? [[holder, name] as const] : [];
        }),
      );
      if (round === 2) await killOne();
      const winners = (await race).flat();
      expect(new Set(winners.map(([, name]) => name)).size).toBe(100);
      expect(winners).toHaveLength(100);
      expect(await listed(room)).toEqual(new Map(winners));
    }
  }, 120_000);
});
