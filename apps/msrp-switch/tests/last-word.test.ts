import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { House, room } from './support/house.ts';

describe('A switch that stops', () => {
  it('has every room say so, with its URI as CPIM From, and then closes (draft-ietf-simple-chat-03 §4, REQ-9)', async () => {
    await using house = await House.open();
    const alice = await house.join('alice');
    await house.service.drain?.();
    const { body } = await alice.heard(1);
    expect(body).toContain(`From: <${room}>`);
    expect(body).toContain('This server is shutting down.');
    await alice.closed();
  });

  it('waits 3 s for a focus that stops as well, and no longer', async () => {
    const clock = new SimulatedClock();
    await using house = await House.open({ clock, hasFocus: false });
    const alice = await house.join('alice');
    let isDrained = false;
    const drained = house.service.drain?.().then(() => {
      isDrained = true;
    });
    await alice.closed();
    await clock.run(2_900);
    expect(isDrained).toBe(false);
    await clock.run(200);
    await drained;
  });
});
