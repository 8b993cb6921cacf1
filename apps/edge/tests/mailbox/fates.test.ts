import { describe, expect, it } from 'vitest';
import { away, device, MailboxWorld } from '../support/mailbox-world.ts';

describe('The sender of a stored message that nobody got', () => {
  it('hears of it once, when an operator clears it while several devices wait for their next try', async () => {
    const world = new MailboxWorld(['one', 'two', 'three']);
    world.silent = world.devices;
    const stored = [await world.store('m', 0, [...world.devices])];
    await world.hear({ stored });
    await world.hear({ clear: true });
    await world.clock.run(700_000);
    expect(world.told).toEqual(['cleared']);
  });

  it('hears of it once, when its time is over while several devices wait for their next try', async () => {
    for (const lifetime of [2_999, 3_000, 3_001]) {
      const world = new MailboxWorld(['one', 'two', 'three']);
      world.silent = world.devices;
      await world.hear({ stored: [await world.store('m', 0, [...world.devices], lifetime)] });
      await world.clock.run(700_000);
      expect(world.told).toEqual(['expired']);
    }
  });

  it('hears of it once, though the store fails before what was told of is gone', async () => {
    const world = new MailboxWorld();
    world.silent = [device];
    const stored = [await world.store('1', 0, [device], 2_500), await world.store('2', 0, [device], 100_000)];
    await world.hear({ stored });
    world.trouble = (method) => Promise.resolve(method.endsWith('update') || world.told.length > 0 ? away : undefined);
    await world.clock.run(5_000);
    expect(world.told).toEqual(['expired']);
    world.trouble = () => Promise.resolve();
    await world.clock.run(60_000);
    expect(world.told).toEqual(['expired']);
    await world.clock.run(700_000);
    expect(world.told).toEqual(['expired', 'expired']);
  });

  it('hears of it when the device went while it was tried for the last time', async () => {
    const world = new MailboxWorld();
    world.silent = [device];
    world.slowness = { [device]: 5_000 };
    await world.hear({ stored: [await world.store('m', 0, [device], 4_000)] });
    world.away = [device];
    await world.clock.run(10_000);
    expect(world.told).toEqual(['expired']);
  });
});

describe('A stored copy that a device has', () => {
  it('does not go to it again when the store failed meanwhile, and a request after that had to begin from the records', async () => {
    const world = new MailboxWorld();
    const stored = [await world.store('m')];
    world.slowness = { [device]: 1_000 };
    world.tell({ stored });
    await world.clock.run(900);
    world.trouble = () => Promise.resolve(away);
    await world.clock.run(500);
    expect(world.taken).toEqual(['m']);
    expect(await world.hear({ clear: true })).toBe(false);
    world.trouble = () => Promise.resolve();
    await world.clock.run(60_000);
    expect(world.taken).toEqual(['m']);
  });

  it('does not go to it again when that is heard in the moment before it is sent', async () => {
    const world = new MailboxWorld();
    const [before, copy] = [await world.store('before'), await world.store('m')];
    const goOn = untilNoted(world);
    world.tell({ stored: [before, copy] });
    await world.clock.run(100);
    world.tell({ taken: [copy] });
    await world.clock.run(100);
    goOn();
    await world.clock.run(10_000);
    expect(world.taken).toEqual(['before']);
  });

  it('does not go to it again when it took it over the older way after all', async () => {
    const world = new MailboxWorld();
    world.slowness = { [device]: 3_000 };
    await world.hear({ stored: [await world.store('m')] });
    world.flow = 'another';
    world.registeredAt = 1;
    world.answers = 503;
    world.tell({ registered: [device] });
    await world.clock.run(500);
    world.answers = 200;
    await world.clock.run(700);
    world.answers = 503;
    await world.clock.run(3_000);
    world.answers = 200;
    await world.clock.run(60_000);
    expect(world.taken).toEqual(['m']);
  });

  it('is not told as refused, whatever the device answers to the attempt over its newer way', async () => {
    const world = new MailboxWorld();
    world.slowness = { [device]: 3_000 };
    await world.hear({ stored: [await world.store('m')] });
    world.flow = 'another';
    world.registeredAt = 1;
    world.tell({ registered: [device] });
    await world.clock.run(1_200);
    world.answers = 482;
    await world.clock.run(60_000);
    expect([world.taken, world.told]).toEqual([['m'], []]);
  });
});

describe('A stored copy', () => {
  it('is not sent when its time is over in the moment before (RFC 3428 §7)', async () => {
    const world = new MailboxWorld();
    const goOn = untilNoted(world);
    world.tell({ stored: [await world.store('before'), await world.store('m', 0, [device], 1_000)] });
    await world.clock.run(2_000);
    goOn();
    await world.clock.run(10_000);
    expect([world.taken, world.told]).toEqual([['before'], ['expired']]);
  });
});

/** Keeps how far devices have read from being stored. @returns what ends that */
function untilNoted(world: MailboxWorld): () => void {
  const gate = Promise.withResolvers<undefined>();
  world.trouble = (method) => (/^cursors (?!get)/.test(method) ? gate.promise : Promise.resolve());
  return () => {
    gate.resolve(undefined);
  };
}
