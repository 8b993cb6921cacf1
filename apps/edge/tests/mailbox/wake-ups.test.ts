import { createMemoryBroker } from '@parley/bus';
import { buckets, edge, mailboxKey, mailboxSubject } from '@parley/contracts';
import { ok, unwrap } from '@parley/prelude';
import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { MailboxNewsDesk } from '../../src/actors/mailbox/mailbox-news-desk.ts';
import { MailboxSearch } from '../../src/actors/mailbox/mailbox-search.ts';
import { away, device, MailboxWorld } from '../support/mailbox-world.ts';

describe('The owner of a mailbox', () => {
  it('remembers who registered while the store was away, whatever else it hears before it is back', async () => {
    const world = new MailboxWorld();
    await world.store('of which nobody told');
    world.trouble = () => Promise.resolve(away);
    world.tell({ registered: [device] });
    await world.clock.run(500);
    expect(await world.hear({})).toBe(false);
    world.trouble = () => Promise.resolve();
    await world.clock.run(10_000);
    expect(world.taken).toEqual(['of which nobody told']);
  });

  it('looks for mail itself after it had to begin again from records that may be older than what it heard', async () => {
    const world = new MailboxWorld();
    expect(await world.hear({ stored: [await world.store('1')] })).toBe(true);
    await world.clock.run(5_000);
    // A write of which NATS, killed, did not say that it was done.
    const summaries = world.bus.bucket(buckets.mailboxes, edge.MailboxRecord);
    const before = await world.summary();
    if (before === undefined) throw new Error('expected a record');
    unwrap(await summaries.put(mailboxKey('bob'), before));
    const gate = Promise.withResolvers<undefined>();
    world.trouble = (method) => (method === 'mailbox next' ? gate.promise : Promise.resolve());
    world.tell({ stored: [await world.store('2')] });
    await world.clock.run(100);
    gate.resolve(undefined);
    await world.clock.run(10_000);
    expect(world.taken).toEqual(['1', '2']);
  });

  it('does not say that it has heard once its lease is over: its successor has to hear', async () => {
    const world = new MailboxWorld();
    const copy = await world.store('1');
    expect(await world.hear({})).toBe(true);
    world.isValid = false;
    expect(await world.hear({ stored: [copy] })).toBe(false);
  });

  it('asks a store that does not answer after pauses that grow', async () => {
    const world = new MailboxWorld();
    const at: number[] = [];
    world.trouble = (method) => {
      if (method === 'mailboxes get') at.push(world.clock.now());
      return Promise.resolve(away);
    };
    world.tell({ registered: [device] });
    await world.clock.run(1_000_000);
    const pauses = at.slice(1).map((time, i) => time - (at[i] ?? 0));
    expect(pauses.slice(0, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1000));
  });

  it('goes on at once when a device took the copy that it was left alone for', async () => {
    const world = new MailboxWorld();
    const copies = [await world.store('under way', 26_000), await world.store('behind')];
    await world.hear({ stored: copies });
    expect(world.taken).toEqual([]);
    await world.hear({ taken: [{ sequence: copies[0]?.sequence ?? 0, devices: [device], octets: 0 }] });
    expect(world.taken).toEqual(['behind']);
  });

  it('gives what was stored before there was any device to one that is there before it is told of', async () => {
    const world = new MailboxWorld();
    await world.hear({ stored: [await world.store('kept', 0, [])] });
    await world.hear({ registered: [device] });
    expect(world.taken).toEqual(['kept']);
  });

  it('tries a copy after growing pauses though it is told of one REGISTER several times', async () => {
    const world = new MailboxWorld();
    world.answers = 500;
    const stored = [await world.store('refused for now')];
    world.tell({ registered: [device] });
    await world.hear({ stored, registered: [device] });
    await world.hear({ registered: [device] });
    await world.clock.run(4_000);
    expect(world.tried).toEqual([0, 1_000, 3_000, 7_000]);
    world.registeredAt = 1;
    await world.hear({ registered: [device] });
    expect(world.tried.slice(4)).toEqual([8_000, 9_000]);
  });

  it('tells while a mailbox is emptied that there is room again', async () => {
    const world = new MailboxWorld();
    world.slowness = { [device]: 1_000 };
    const stored = [];
    for (let i = 0; i < 20; i++) stored.push(await world.store(String(i)));
    await world.hear({ stored, registered: [device] });
    await world.clock.run(10_000);
    expect((await world.summary())?.depth).toBeLessThan(15);
    await world.clock.run(20_000);
    expect(await world.summary()).toMatchObject({ depth: 0, octets: 0 });
  });
});

describe('A copy that is cleared while it is on its way to one device', () => {
  async function clearedUnderWay(silent: readonly string[]): Promise<MailboxWorld> {
    const world = new MailboxWorld(['slow', 'next']);
    world.slowness = { slow: 20_000, next: 5_000 };
    world.silent = silent;
    const stored = [await world.store('before', 0, ['next']), await world.store('both', 0, ['slow', 'next'])];
    await world.hear({ stored });
    await world.hear({ clear: true });
    await world.clock.run(10_000);
    expect(world.taken).toEqual(['before']);
    expect(world.told).toEqual([]);
    await world.clock.run(60_000);
    return world;
  }

  it('is not told as failed by the turn of another: the first may take it yet', async () => {
    const world = await clearedUnderWay([]);
    expect(world.taken).toEqual(['before', 'both']);
    expect(world.told).toEqual([]);
  });

  it('is told as failed once, when that device does not take it', async () => {
    const world = await clearedUnderWay(['slow']);
    expect(world.taken).toEqual(['before']);
    expect(world.told).toEqual(['cleared']);
  });
});

describe('News of a mailbox', () => {
  it('are told whenever they come, also between two steps of who tells', async () => {
    for (let steps = 0; steps < 20; steps++) {
      const clock = new SimulatedClock();
      const bus = createMemoryBroker({ clock }).connect();
      using desk = new MailboxNewsDesk(bus, clock, { hasMail: () => true });
      const heard: number[] = [];
      let answer = (): void => {};
      desk.attach({
        hear: ({ stored }) => {
          heard.push(...stored.map(({ sequence }) => sequence));
          return new Promise((resolve) => {
            answer = () => {
              resolve('heard');
            };
          });
        },
      });
      const copy = (sequence: number): edge.StoredCopy => ({ sequence, devices: [device], octets: 1 });
      desk.stored('bob', copy(1), false);
      answer();
      for (let i = 0; i < steps; i++) await Promise.resolve();
      desk.stored('bob', copy(2), false);
      await clock.run(10_000);
      expect(heard, `${steps} steps later`).toEqual([1, 2]);
    }
  });
});

describe('A search for mail', () => {
  it('looks into each mailbox once, so many at a time, and again for as long as the store is away', async () => {
    const clock = new SimulatedClock();
    const found: string[] = [];
    let asked = 0;
    let isAway = true;
    let most = 0;
    let now = 0;
    const search = new MailboxSearch({
      clock,
      stream: {
        next: async (subject) => {
          asked++;
          most = Math.max(most, ++now);
          await Promise.resolve();
          now--;
          if (isAway) return away as never;
          const message = { subject, sequence: 1, storedAt: 0, message: undefined };
          return ok(subject === mailboxSubject('7') ? message : undefined);
        },
      },
      isWanted: (account) => account !== '3',
      found: (account) => found.push(account),
    });
    for (let i = 0; i < 100; i++) for (let k = 0; k < 2; k++) search.add(String(i));
    await clock.run(500);
    expect(asked).toBeLessThanOrEqual(16);
    expect(found).toEqual([]);
    isAway = false;
    asked = 0;
    await clock.run(1_000);
    expect(asked).toBe(99);
    expect(found).toContain('7');
    expect(found).not.toContain('8');
    expect(most).toBe(16);
    expect(search.size).toBe(0);
  });
});
