import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@parley/testing';
import { startParley } from './support/installation.ts';
import type { Installation } from './support/installation.ts';
import { enterRoom, startPhone } from './support/phone.ts';
import { processIds, services } from './support/processes.ts';
import type { ProcessName } from './support/processes.ts';

/** One message from user to user, and one in a room. */
async function talk({ ports }: Installation, room: string): Promise<void> {
  await using alice = await startPhone(ports, 'alice');
  await using bob = await startPhone(ports, 'bob');
  expect((await alice.send('sip:bob@localhost', room)).statusCode).toBe(200);
  expect(bob.texts).toContain(room);
  await using aliceInside = await enterRoom(alice, room, 'Cook');
  await using bobInside = await enterRoom(bob, room, 'Butler');
  await aliceInside.sees(/Cook[^]*Butler/);
  await aliceInside.room.say(`in ${room}`);
  await bobInside.hears(`in ${room}`);
}

describe('kill -9', () => {
  let parley: Installation;

  beforeAll(async () => {
    parley = await startParley();
    await talk(parley, 'before');
  });
  afterAll(async () => {
    await parley[Symbol.asyncDispose]();
  });

  it.each<ProcessName>([...services, 'nats-server'])('of %s: it is back, and the others go on', async (name) => {
    const before = processIds(parley);
    process.kill(before[name], 'SIGKILL');
    const after = await eventually(() => {
      const now = processIds(parley);
      if (now[name] === before[name]) throw new Error(`${name} is not there again`);
      return now;
    });
    expect({ ...after, [name]: 0 }).toEqual({ ...before, [name]: 0 });
    await eventually(() => talk(parley, `after-${name}`), { within: 60_000, every: 500 });
    expect(processIds(parley)).toEqual(after);
  });
});
