import { SimulatedClock } from '@parley/testing';
import { describe, expect, it } from 'vitest';
import { Outage } from '../../src/mailbox/outage.ts';

describe('An outage of the store', () => {
  it('lasts when nothing was stored for 8 s, however often it was tried, and ends with the first that is', async () => {
    const clock = new SimulatedClock();
    const outage = new Outage(clock);
    expect(outage.isLasting).toBe(false);
    outage.note(false);
    await clock.run(7_900);
    outage.note(false);
    expect(outage.isLasting).toBe(false);
    await clock.run(200);
    expect(outage.isLasting).toBe(true);
    outage.note(true);
    expect(outage.isLasting).toBe(false);
  });
});
